using System.Globalization;

namespace Iocp.Core;

/// <summary>Why bytes were refused: on receive the connection ends with it, on send nothing is sent.</summary>
/// <param name="Reason">A constant of the framing, for example <c>PayloadTooLong</c>.</param>
/// <param name="Field">The field that broke the rule, if one did.</param>
/// <param name="Value">The value found there.</param>
/// <param name="Limit">The limit it broke.</param>
public sealed record FrameRejection(string Reason, string? Field = null, Int128? Value = null, Int128? Limit = null)
{
    /// <summary>Where the refused bytes begin, in bytes: set by the core on receive, in the stream; on send, in the data given.</summary>
    public long StreamOffset { get; init; }

    /// <summary>Frames before the refused one: set by the core on receive, of the stream; on send, of the data given.</summary>
    public long FrameIndex { get; init; }

    /// <summary>All of it in one line, for example <c>PayloadTooLong, CurrentLength 9000, limit 8192, in frame 3 at byte 120</c>.</summary>
    public override string ToString()
    {
        string field = Field is null ? "" : $", {Field}";
        string value = Value is { } found ? string.Create(CultureInfo.InvariantCulture, $" {found}") : "";
        string limit = Limit is { } broken ? string.Create(CultureInfo.InvariantCulture, $", limit {broken}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Reason}{field}{value}{limit}, in frame {FrameIndex} at byte {StreamOffset}");
    }
}
