using Iocp.Core;

namespace Framing.Testing.Proving;

/// <summary>Outcomes for people.</summary>
internal static class OutcomeText
{
    public const int MostBytes = 32;

    private const int MostFrames = 8;

    public static string Of(Outcome outcome)
    {
        string frames = string.Concat(outcome.Frames.Take(MostFrames).Select(frame => $"{Frame(frame.Bytes)} at {frame.Offset}, "));
        string more = outcome.Frames.Count > MostFrames ? $"and {outcome.Frames.Count - MostFrames} frames more, " : "";
        return frames + more + End(outcome);
    }

    public static string Frame(ReadOnlySpan<byte> frame) => $"a frame of {frame.Length} bytes{(frame.IsEmpty ? "" : " ")}{Hex(frame, MostBytes)}";

    public static string End(Outcome outcome) => outcome.End switch
    {
        StreamEnd.Clean => "then the end of the stream, between frames",
        StreamEnd.Truncated => $"then the end of the stream, inside the frame that begins at {outcome.EndOffset}",
        StreamEnd.Rejected => $"then {outcome.Rejection}",
        _ => "then DecoderFailed",
    };

    public static string Hex(ReadOnlySpan<byte> bytes, int most)
        => bytes.Length <= most
            ? Convert.ToHexString(bytes)
            : $"{Convert.ToHexString(bytes[..(most / 2)])}..({bytes.Length - most} bytes)..{Convert.ToHexString(bytes[^(most / 2)..])}";
}
