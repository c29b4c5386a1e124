using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary.Delimiters;

/// <summary>Delimiters of any kind, streams of any kind, every cutting: what the slow reference says is what comes.</summary>
[Properties(Arbitrary = [typeof(Traffic), typeof(DelimiterTraffics)])]
public sealed class DelimiterProperties
{
    [Property(MaxTest = 3000)]
    public void Any_stream_gives_what_the_reference_finds_however_it_is_cut(DelimiterTraffic traffic, Cutting cutting)
    {
        DelimiterFraming framing = new(traffic.Options);
        List<string> expected = traffic.Expected();
        Assert.Equal(expected, AssemblerDriver.Run(framing, traffic.Bytes, cutting));
        Assert.Equal(expected, AssemblerDriver.Run(framing, traffic.Bytes, Cutting.ByteByByte));
        Assert.Equal(expected, AssemblerDriver.Run(framing, traffic.Bytes, Cutting.Whole));
    }

    [Property(MaxTest = 500)]
    public void Pausing_anywhere_changes_no_frame(DelimiterTraffic traffic, Cutting cutting, PausePlan pauses)
        => Assert.Equal(traffic.Expected(), AssemblerDriver.Run(new DelimiterFraming(traffic.Options), traffic.Bytes, cutting, pauses: pauses));

    [Property(MaxTest = 500)]
    public async Task Over_a_pipe_the_same_comes(DelimiterTraffic traffic, Cutting cutting)
        => Assert.Equal(traffic.Expected(), await PipeDriver.Run(new DelimiterFraming(traffic.Options), traffic.Bytes, cutting));

    [Property(MaxTest = 1000)]
    public void What_comes_as_frames_may_be_sent_and_nothing_else(DelimiterTraffic traffic)
    {
        FrameRejection? outgoing = new DelimiterFraming(traffic.Options).CheckOutgoing(traffic.Bytes);
        List<string> incoming = traffic.Expected();
        string expected = incoming is [Describe.Clean] ? "EmptyData" : incoming[^1];
        Assert.Equal(expected, Describe.Outgoing(outgoing));
    }

    [Fact]
    public void The_generator_reaches_every_outcome()
    {
        string all = string.Join('\n', Enumerable.Range(0, 3000).SelectMany(seed => new DelimiterTraffic(seed).Expected()));
        foreach (string outcome in new[] { "frame ", ":  (0)", "clean", "truncated", "PayloadTooLong" })
            Assert.True(all.Split(outcome).Length > 100, $"{outcome} came {all.Split(outcome).Length - 1} times");
    }
}
