using System.Globalization;
using System.Text;

namespace Framing.Testing.Proving;

/// <summary>The message of a failure.</summary>
internal static class FailureText
{
    private const int MostReads = 40;
    private const int MostBytes = 512;

    public static string Of(string framing, string decoder, Finding finding, string sample, byte[] stream, int[] cuts, int seed)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{decoder} of the framing \"{framing}\" breaks {finding.Rule}: {Rule(finding.Rule)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  stream    {sample}, {stream.Length} bytes");
        text.AppendLine(CultureInfo.InvariantCulture, $"  reads     {Sizes(stream.Length, cuts)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  bytes     {Reads(stream, cuts)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  expected  {finding.Expected}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  actual    {finding.Actual}");
        text.Append(CultureInfo.InvariantCulture, $"  seed      {seed}");
        return text.ToString();
    }

    private static string Sizes(int length, int[] cuts)
    {
        int[] sizes = [.. cuts.Append(length).Zip(cuts.Prepend(0), (end, start) => end - start)];
        string reads = sizes.Length switch
        {
            1 => "one",
            _ when sizes[..^1].All(size => size == sizes[0]) && sizes[^1] <= sizes[0] && sizes.Length > 3 => $"{sizes.Length}, of {sizes[0]} bytes each",
            _ => $"{sizes.Length}, of {string.Join(", ", sizes.Take(MostReads))}{(sizes.Length > MostReads ? ", ..." : "")} bytes",
        };
        return reads;
    }

    private static string Reads(byte[] stream, int[] cuts)
        => stream.Length > MostBytes || cuts.Length > MostReads
            ? OutcomeText.Hex(stream, MostBytes)
            : string.Join(" | ", cuts.Append(stream.Length).Zip(cuts.Prepend(0), (end, start) => Convert.ToHexString(stream[start..end])));

    private static string Rule(DecoderRule rule) => rule switch
    {
        DecoderRule.NoException => "no input makes it throw.",
        DecoderRule.LegalResult => "each result is made by a method of DecodeResult, and takes at least one byte if it takes any.",
        DecoderRule.FrameInsideInput => "a frame, and what is taken with it, lie inside the input.",
        DecoderRule.MaxFrameLength => "no frame is longer than MaxFrameLength.",
        DecoderRule.NeedMoreGrows => "NeedMore asks for more than there is.",
        DecoderRule.NeedMoreWithinLimit => "NeedMore never asks for more than MaxFrameLength; what would be longer is refused.",
        DecoderRule.SampleFrames => "a legal sample gives the frames that it states, and ends between frames.",
        DecoderRule.SampleRejection => "a sample that must be refused is refused, with the reason that it states.",
        DecoderRule.TruncatedTail => "a stream that ends inside a frame does not end clean.",
        DecoderRule.SameForEveryCutting => "the same stream gives the same frames and the same rejection, however it is cut into reads.",
        DecoderRule.Coalesced => "samples that follow one another in one stream give the frames that they give alone.",
        DecoderRule.SeparateConnections => "decoders of two connections know nothing of each other.",
        DecoderRule.NoAllocation => "in steady state nothing is allocated for a frame.",
        DecoderRule.LinearWork => "bytes that were looked at in vain are not looked at again.",
        _ => "",
    };
}
