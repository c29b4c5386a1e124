using Iocp.Core;

namespace Framing.Properties.Decoding;

/// <summary>Lines ended by LF, CR between lines skipped; remembers how far it has looked, and counts how often it was asked.</summary>
internal sealed class CountingLineFraming : IFraming, IFrameDecoder
{
    private int _looked;

    public int Calls { get; private set; }

    public string Name => "lines";

    public int MaxFrameLength => 10_000;

    public IFrameDecoder CreateDecoder() => this;

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        Calls++;
        if (_looked == 0 && unread[0] == '\r')
        {
            return DecodeResult.Skip(1);
        }

        int end = unread[_looked..].IndexOf((byte)'\n');
        if (end < 0)
        {
            _looked = unread.Length;
            return DecodeResult.NeedMore(unread.Length + 1);
        }

        end += _looked;
        _looked = 0;
        return DecodeResult.Frame(0, end, end + 1);
    }
}
