namespace Iocp.Core;

/// <summary>Why bytes were refused: on receive the connection ends with it, on send nothing is sent.</summary>
/// <param name="Reason">A constant of the framing, for example <c>PayloadTooLong</c>.</param>
/// <param name="Field">The field that broke the rule, if one did.</param>
/// <param name="Value">The value found there.</param>
/// <param name="Limit">The limit it broke.</param>
public sealed record FrameRejection(string Reason, string? Field = null, Int128? Value = null, Int128? Limit = null)
{
    /// <summary>Offset in the stream of the refused frame's first byte; set by the core on receive.</summary>
    public long StreamOffset { get; init; }

    /// <summary>Frames of the stream before the refused one; set by the core on receive.</summary>
    public long FrameIndex { get; init; }
}
