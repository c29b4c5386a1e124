using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// Finds where a frame ends. Every byte is looked at once: after <see cref="DecodeResult.NeedMore"/> it goes on where it stopped, in the state it
/// had; what no delimiter begins with is passed over by a vectorised search.
/// </summary>
internal struct DelimiterScanner(DelimiterFraming framing)
{
    private readonly DelimiterFraming _framing = framing;
    private int _position;      // bytes of the frame looked at
    private int _state;         // of the automaton, after them

    /// <summary>As <see cref="IFrameDecoder.Decode"/>. Ends with a rejection; after a frame the scanner is ready for the next.</summary>
    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        DelimiterAutomaton automaton = _framing.Automaton;
        int position = _position;
        int state = _state;
        while (position < unread.Length)
        {
            if (state == DelimiterAutomaton.Start)
            {
                int passed = unread[position..].IndexOfAny(automaton.FirstBytes);
                if (passed < 0)
                {
                    position = unread.Length;
                    break;
                }

                position += passed;
            }

            state = automaton.Next(state, unread[position++]);
            if (automaton.IsWhole(state))
            {
                return Whole(position, automaton.Depth(state));
            }
        }

        // What can belong to no delimiter only grows, so to look once a read gives the same verdict as to look after each byte.
        if (position - automaton.Depth(state) > _framing.MaxPayloadLength)
        {
            return TooLong;
        }

        _position = position;
        _state = state;
        return DecodeResult.NeedMore(position + 1);
    }

    private readonly DecodeResult TooLong
        => DecodeResult.Reject(new FrameRejection(RejectionReasons.PayloadTooLong, Limit: _framing.MaxPayloadLength));

    private DecodeResult Whole(int length, int delimiter)
    {
        int payload = length - delimiter;
        if (payload > _framing.MaxPayloadLength)
        {
            return TooLong;
        }

        _position = 0;
        _state = DelimiterAutomaton.Start;
        return payload == 0 && _framing.SkipsEmpty
            ? DecodeResult.Skip(length)
            : DecodeResult.Frame(0, _framing.KeepsDelimiter ? length : payload, length);
    }
}
