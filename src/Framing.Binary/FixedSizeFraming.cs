using Iocp.Core;

namespace Framing.Binary;

/// <summary>Frames that all have the same length, without anything between them. Immutable; may be used by several listeners and from any thread.</summary>
public sealed class FixedSizeFraming : IFraming
{
    private readonly FixedSizeDecoder _decoder;     // stateless, so one serves every connection

    /// <summary>Makes the framing that a listener or client is given.</summary>
    /// <param name="frameLength">Length of every frame in bytes: 1 to <see cref="Array.MaxLength"/>.</param>
    /// <param name="name">The framing's name in logs and tools; not empty.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it and the range.</exception>
    public FixedSizeFraming(int frameLength, string name = "fixed-size")
    {
        if (frameLength < 1 || frameLength > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(frameLength), frameLength, $"{nameof(frameLength)} is {frameLength}; it must be 1 to {Array.MaxLength}.");
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        MaxFrameLength = frameLength;
        _decoder = new FixedSizeDecoder(frameLength);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Length of every frame in bytes.</summary>
    public int MaxFrameLength { get; }

    /// <inheritdoc/>
    public IFrameDecoder CreateDecoder() => _decoder;

    /// <summary>Data must be one or more whole frames.</summary>
    /// <param name="data">All bytes of one send.</param>
    /// <returns>Null, or <see cref="RejectionReasons.TruncatedFrame"/> with its place in <paramref name="data"/>, or <see cref="RejectionReasons.EmptyData"/>.</returns>
    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => OutgoingFrames.Check(_decoder, data);

    private sealed class FixedSizeDecoder(int frameLength) : IFrameDecoder
    {
        public DecodeResult Decode(ReadOnlySpan<byte> unread)
            => unread.Length < frameLength ? DecodeResult.NeedMore(frameLength) : DecodeResult.Frame(frameLength);
    }
}
