using System.Buffers;
using System.IO.Pipelines;
using Framing.Properties.Generators;
using Framing.Testing;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Decoding;

/// <summary>Over a PipeReader the same bytes give the same frames and the same end as inline.</summary>
[Properties(Arbitrary = [typeof(Traffic)], MaxTest = 200)]
public abstract class PipeReaderProperties<TFormats>
    where TFormats : IWireFormats
{
    [Property]
    public Task Reads_over_a_pipe_give_the_frames_of_the_inline_path(HostileTraffic<TFormats> traffic)
        => SameAsInline(traffic.Format.Framing, traffic.Bytes, traffic.Cutting, PipeDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting));

    [Property]
    public Task Segments_of_one_read_give_the_frames_of_the_inline_path(HostileTraffic<TFormats> traffic)
        => SameAsInline(traffic.Format.Framing, traffic.Bytes, traffic.Cutting, PipeDriver.Run(traffic.Format.Framing, PipeReader.Create(Segments.Of(traffic.Bytes, traffic.Cutting))));

    [Property]
    public Task Legal_frames_arrive_over_a_pipe(LegalTraffic<TFormats> traffic)
        => SameAsInline(traffic.Format.Framing, traffic.Bytes, traffic.Cutting, PipeDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting));

    [Property]
    public Task A_malformed_header_is_refused_over_a_pipe(MalformedTraffic<TFormats> traffic)
        => SameAsInline(traffic.Format.Framing, traffic.Bytes, traffic.Cutting, PipeDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting));

    private static async Task SameAsInline(IFraming framing, byte[] stream, Cutting cutting, Task<List<string>> overPipe)
        => Assert.Equal(AssemblerDriver.Run(framing, stream, cutting), await overPipe);
}

public sealed class PacketHeadOverPipes : PipeReaderProperties<PacketHeadFormats>;

public sealed class OrderHeadOverPipes : PipeReaderProperties<OrderHeadFormats>;

public sealed class LayoutsOverPipes : PipeReaderProperties<PacketHeadLayoutFormats>;
