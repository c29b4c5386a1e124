namespace Iocp.Core;

/// <summary>A frame lent to <see cref="IFrameHandler.OnFrame"/>: what the framing delivers of the wire, as a rule the header included.</summary>
public readonly ref struct Frame
{
    /// <summary>The frame. Valid until the handler returns; copy what is to be kept.</summary>
    public ReadOnlySpan<byte> Bytes { get; internal init; }

    /// <summary>Frames of this connection delivered before this one.</summary>
    public long Index { get; internal init; }

    /// <summary>Where the frame begins in the connection's stream, in bytes.</summary>
    public long StreamOffset { get; internal init; }
}
