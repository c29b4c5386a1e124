using System.Runtime.Intrinsics;

namespace Iocp.Core;

/// <summary>A frame lent to <see cref="IFrameHandler.OnFrame"/>: what the framing delivers of the wire, as a rule the header included.</summary>
public readonly ref struct Frame
{
    // The index and the offset. One register, so that they are written at once: they are copied at once, for the handler, and a processor waits where it reads
    // what it has just written in pieces.
    private readonly Vector128<long> _place;

    internal Frame(ReadOnlySpan<byte> bytes, long index, long streamOffset)
    {
        Bytes = bytes;
        _place = Vector128.Create(index, streamOffset);
    }

    /// <summary>The frame. Valid until the handler returns; copy what is to be kept.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Frames of this connection delivered before this one.</summary>
    public long Index => _place[0];

    /// <summary>Where the first of <see cref="Bytes"/> is in the connection's stream, in bytes: behind what the framing strips. A rejection's offset is that of the frame's first byte of all.</summary>
    public long StreamOffset => _place[1];
}
