using Framing.Properties.Decoding;
using Framing.Xml;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Differential;

/// <summary>The comparison can fail: decoders with a bug are found, and the report is enough to see the bug again.</summary>
public sealed class PlantedBugTests
{
    private const int Seed = 1;
    private const int Streams = 20_000;

    [Fact]
    public void A_limit_off_by_one_is_found_and_reported()
    {
        string? report = Find(BinarySubjects.PacketHead, (_, result) => result.Rejection is { Reason: "PayloadTooLong" } rejection
            ? DecodeResult.Reject(rejection with { Limit = rejection.Limit + 1 })
            : result);
        Assert.NotNull(report);
        Assert.Contains($"seed {Seed}, stream ", report, StringComparison.Ordinal);
        string[] lines = report.Split('\n');
        Assert.Equal(5, lines.Length);
        string shrunk = lines[2].Split(' ')[2].TrimEnd(',');
        Assert.Equal(12, Convert.FromHexString(shrunk).Length);     // a header is all it takes
        Assert.EndsWith("in one read", lines[2].TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("PayloadTooLong", lines[3], StringComparison.Ordinal);
        Assert.Contains("PayloadTooLong", lines[4], StringComparison.Ordinal);
        Assert.Equal(report, Find(BinarySubjects.PacketHead, (_, result) => result.Rejection is { Reason: "PayloadTooLong" } rejection
            ? DecodeResult.Reject(rejection with { Limit = rejection.Limit + 1 })
            : result));
    }

    [Fact]
    public void A_byte_lost_from_a_frame_is_found()
        => Assert.NotNull(Find(BinarySubjects.Layout, (_, result) => result is { Status: DecodeStatus.Frame, Length: > 40 }
            ? DecodeResult.Frame(result.Start, result.Length - 1, result.Consumed)
            : result));

    [Fact]
    public void A_decision_that_depends_on_the_cutting_is_found()
        => Assert.NotNull(Find(XmlSubjects.Document, (unread, result) => result.Status == DecodeStatus.NeedMore && unread.EndsWith("]]"u8)
            ? DecodeResult.Reject(new FrameRejection(RejectionReasons.MalformedMarkup))
            : result));

    [Fact]
    public void A_decoder_that_throws_is_found()
        => Assert.NotNull(Find(XmlSubjects.Document, (unread, result) => unread.Length == 13 ? throw new InvalidOperationException("unlucky") : result));

    private static string? Find(Func<Random, Variant> next, Bug bug)
        => Comparison.FirstMismatch(random => next(random) is var variant ? variant with { Framing = new BrokenFraming(variant.Framing, bug) } : null!, Seed, Streams);

    private delegate DecodeResult Bug(ReadOnlySpan<byte> unread, DecodeResult result);

    private sealed class BrokenFraming(IFraming framing, Bug bug) : IFraming
    {
        public string Name => framing.Name;

        public int MaxFrameLength => framing.MaxFrameLength;

        public IFrameDecoder CreateDecoder()
        {
            IFrameDecoder decoder = framing.CreateDecoder();
            return new ScriptedDecoder(unread => bug(unread, decoder.Decode(unread)));
        }

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => framing.CheckOutgoing(data);
    }
}
