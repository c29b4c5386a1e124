using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// Frames that end with a delimiter: lines, for example. A frame ends where the first delimiter has come to its end, the longest one of those
/// that end there. Immutable; may be used by several listeners and from any thread.
/// </summary>
/// <remarks>
/// The verdict at a byte depends on the bytes up to it alone, never on what follows, so no frame waits for the bytes behind its delimiter. Each byte is looked
/// at once, however the stream is cut. A payload is too long (<see cref="RejectionReasons.PayloadTooLong"/>) as soon as more than
/// <see cref="MaxPayloadLength"/> bytes can belong to no delimiter.
/// </remarks>
public sealed class DelimiterFraming : IFraming
{
    /// <summary>Takes over the options.</summary>
    /// <param name="options">Null: the defaults, which frame lines.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, its value and the range.</exception>
    public DelimiterFraming(DelimiterFramingOptions? options = null)
    {
        options = (options ?? new DelimiterFramingOptions()).Validated();
        Name = options.Name;
        MaxPayloadLength = options.MaxPayloadLength;
        KeepsDelimiter = options.KeepDelimiter;
        SkipsEmpty = options.SkipEmpty;
        Automaton = new DelimiterAutomaton(options.Delimiters);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Most bytes of a frame before its delimiter.</summary>
    public int MaxPayloadLength { get; }

    /// <summary>The longest payload and the longest delimiter, in bytes, whether the delimiter is delivered or not.</summary>
    public int MaxFrameLength => MaxPayloadLength + Automaton.MaxLength;

    internal bool KeepsDelimiter { get; }

    internal bool SkipsEmpty { get; }

    internal DelimiterAutomaton Automaton { get; }

    /// <inheritdoc/>
    public IFrameDecoder CreateDecoder() => new DelimiterDecoder(this);

    /// <summary>Data must be one or more whole legal frames, each with its delimiter.</summary>
    /// <param name="data">All bytes of one send.</param>
    /// <returns>
    /// Null, or what is wrong with the first illegal frame; its <see cref="FrameRejection.StreamOffset"/> and
    /// <see cref="FrameRejection.FrameIndex"/> are counted from the beginning of <paramref name="data"/>.
    /// </returns>
    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data)
    {
        var scanner = new DelimiterScanner(this);
        int index = 0;
        for (int offset = 0; offset < data.Length;)
        {
            DecodeResult result = scanner.Decode(data[offset..]);
            if (result.Consumed == 0)
            {
                FrameRejection rejection = result.Rejection ?? new FrameRejection(RejectionReasons.TruncatedFrame, "BytesWithoutDelimiter", data.Length - offset);
                return rejection with { StreamOffset = offset, FrameIndex = index };
            }

            index += result.Status == DecodeStatus.Frame ? 1 : 0;
            offset += result.Consumed;
        }

        return index > 0 ? null : new FrameRejection(RejectionReasons.EmptyData);
    }
}
