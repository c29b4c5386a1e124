using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary;

/// <summary>Fixed-size framing: so many bytes a frame, however the stream is cut.</summary>
[Properties(Arbitrary = [typeof(Traffic)])]
public sealed class FixedSizeRules
{
    [Property(MaxTest = 300)]
    public void Any_stream_is_frames_of_that_length_and_a_truncation_where_it_does_not_go_in(byte[] some, byte repeat, byte length, Cutting cutting)
    {
        byte[] stream = [.. Enumerable.Repeat(some, repeat % 20).SelectMany(bytes => bytes)];
        FixedSizeFraming framing = new(length + 1);
        List<string> expected = [.. stream.Chunk(length + 1).Where(frame => frame.Length == length + 1).Select((frame, i) => Describe.Frame(i, i * (length + 1L), frame))];
        int rest = stream.Length % (length + 1);
        expected.Add(rest == 0 ? Describe.Clean : Describe.Truncated(stream.Length - rest, rest));
        Assert.Equal(expected, AssemblerDriver.Run(framing, stream, cutting));

        FrameRejection? outgoing = framing.CheckOutgoing(stream);
        FrameRejection? refused = stream.Length == 0 ? new FrameRejection("EmptyData") : rest == 0 ? null
            : new FrameRejection("TruncatedFrame", Value: rest, Limit: length + 1) { StreamOffset = stream.Length - rest, FrameIndex = expected.Count - 1 };
        Assert.Equal(refused, outgoing);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_length_out_of_range_is_refused_with_value_and_range(int length)
        => Assert.Contains(
            $"frameLength is {length}; it must be 1 to 2147483591",
            Assert.Throws<ArgumentOutOfRangeException>(() => new FixedSizeFraming(length)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void The_decoder_is_shared_and_the_name_may_be_chosen()
    {
        FixedSizeFraming framing = new(Array.MaxLength, "records");
        Assert.Equal(("records", Array.MaxLength), (framing.Name, framing.MaxFrameLength));
        Assert.Same(framing.CreateDecoder(), framing.CreateDecoder());
        Assert.Equal("fixed-size", new FixedSizeFraming(1).Name);
        Assert.Throws<ArgumentException>(() => new FixedSizeFraming(1, " "));
    }
}
