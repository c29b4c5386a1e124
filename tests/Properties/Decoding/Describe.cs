using System.Globalization;
using System.Security.Cryptography;
using Iocp.Core;

namespace Framing.Properties.Decoding;

/// <summary>
/// What came of a stream, as lines: one a frame, one for the end. Two outcomes are equal when their lines are, and a failed test shows
/// the first line that differs.
/// </summary>
internal static class Describe
{
    public const string Clean = "clean end";

    public static string Frame(long index, long offset, ReadOnlySpan<byte> bytes)
        => string.Create(CultureInfo.InvariantCulture, $"frame {index} at {offset}: {Bytes(bytes)}");

    public static string Truncated(long offset, long have) => string.Create(CultureInfo.InvariantCulture, $"truncated at {offset} after {have} bytes");

    public static string Rejected(FrameRejection rejection) => rejection.ToString();

    /// <summary>A judgement of what would be sent, in the words for the end of a stream that is received.</summary>
    public static string Outgoing(FrameRejection? judgement) => judgement switch
    {
        null => Clean,
        { Reason: "EmptyData" } => judgement.Reason,
        { Reason: "TruncatedFrame" } => Truncated(judgement.StreamOffset, (long)judgement.Value!.Value),
        _ => Rejected(judgement),
    };

    public static string Failed(Exception error) => $"failed: {error.Message}";

    public static string Bytes(ReadOnlySpan<byte> bytes) => bytes.Length <= 40
        ? $"{Convert.ToHexString(bytes)} ({bytes.Length})"
        : $"{Convert.ToHexString(bytes[..16])}... ({bytes.Length}, {Convert.ToHexString(SHA256.HashData(bytes).AsSpan(0, 4))})";
}
