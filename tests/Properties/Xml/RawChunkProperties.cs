using System.IO.Pipelines;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using Framing.Xml;
using FsCheck;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Xml;

/// <summary>docs/framing.md, XML raw chunks: each completed read is one frame, as it came.</summary>
[Properties(Arbitrary = [typeof(Traffic)], MaxTest = 300)]
public sealed class RawChunkProperties
{
    private static readonly IFraming s_framing = XmlFraming.RawChunk();

    [Property]
    public void Each_read_is_one_frame_never_empty_never_joined_never_cut(byte[] stream, Cutting cutting)
        => Assert.Equal(Chunks(stream, cutting), AssemblerDriver.Run(s_framing, stream, cutting));

    [Property]
    public void Nothing_is_held_between_reads_and_nothing_rented(byte[] stream, Cutting cutting)
        => AssemblerDriver.Run(s_framing, stream, cutting, (in assembler, pool, received) =>
        {
            Assert.Equal((0, 0, received), (assembler.BytesHeld, pool.Rented, (int)assembler.StreamOffset));
        });

    [Property]
    public async Task Over_a_pipe_each_segment_is_one_frame(byte[] stream, Cutting cutting)
        => Assert.Equal(Chunks(stream, cutting), await PipeDriver.Run(s_framing, PipeReader.Create(Segments.Of(stream, cutting))));

    [Property]
    public void The_frames_put_end_to_end_are_the_stream_also_with_pauses(byte[] stream, Cutting cutting, PausePlan pauses)
    {
        FrameAssembler assembler = new(s_framing.CreateDecoder());
        TrackingPool pool = new();
        List<byte> received = [];
        int paused = 0;
        foreach (Range range in cutting.Of(stream.Length))
        {
            if (paused-- > 0)
            {
                assembler.Keep(stream.AsSpan(range), pool);
                continue;
            }

            ReadOnlySpan<byte> input = stream.AsSpan(range);
            while (assembler.Next(ref input, pool, s_framing.MaxFrameLength, out Frame frame) == AssemblerStatus.Frame)
            {
                Assert.False(frame.Bytes.IsEmpty);
                Assert.Equal(received.Count, frame.StreamOffset);
                received.AddRange(frame.Bytes);
                paused = pauses.After(frame.Index) ?? 0;
            }
        }

        ReadOnlySpan<byte> rest = default;
        while (assembler.Next(ref rest, pool, s_framing.MaxFrameLength, out Frame frame) == AssemblerStatus.Frame)
        {
            received.AddRange(frame.Bytes);
        }

        Assert.Equal(stream, received);
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void The_name_and_the_limit_are_the_documented_ones()
    {
        Assert.Equal("xml-raw", s_framing.Name);
        Assert.Equal(Array.MaxLength, s_framing.MaxFrameLength);
        Assert.Same(s_framing.CreateDecoder(), s_framing.CreateDecoder());
    }

    [Property]
    public void Everything_but_empty_data_may_be_sent(byte[] data)
        => Assert.Equal(data.Length == 0 ? "EmptyData" : null, s_framing.CheckOutgoing(data)?.Reason);

    private static List<string> Chunks(byte[] stream, Cutting cutting)
    {
        List<string> lines = [];
        foreach (Range range in cutting.Of(stream.Length))
        {
            lines.Add(Describe.Frame(lines.Count, range.Start.Value, stream.AsSpan(range)));
        }

        lines.Add(Describe.Clean);
        return lines;
    }
}
