using System.IO.Pipelines;
using System.Text;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using Framing.Xml;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Xml;

/// <summary>docs/framing.md, XML documents: what holds for every stream of documents and every cutting of it.</summary>
[Properties(Arbitrary = [typeof(Traffic), typeof(XmlArbitraries)], MaxTest = 500)]
public sealed class XmlDocumentProperties
{
    private static readonly XmlDocumentFraming s_framing = XmlFraming.Document();

    [Property]
    public void Documents_cut_anywhere_come_out_one_a_frame_byte_for_byte(XmlTraffic traffic, Cutting cutting)
    {
        List<string> expected = [];
        int offset = 0;
        for (int i = 0; i < traffic.Documents.Length; i++)
        {
            offset += traffic.Gap(i).Length;
            expected.Add(Describe.Frame(i, offset, traffic.Documents[i]));
            offset += traffic.Documents[i].Length;
        }

        expected.Add(Describe.Clean);
        Assert.Equal(expected, AssemblerDriver.Run(s_framing, traffic.Bytes, cutting));
    }

    [Property]
    public void XmlReader_reads_each_generated_document_and_none_of_its_prefixes(XmlTraffic traffic)
        => Assert.All(traffic.Documents.Where(document => document.Length < 500), document => Assert.Equal(document.Length, XmlJudge.DocumentEnd(document)));

    [Property]
    public async Task Over_a_pipe_they_are_the_same(XmlTraffic traffic, Cutting cutting)
        => Assert.Equal(
            AssemblerDriver.Run(s_framing, traffic.Bytes, Cutting.Whole),
            await PipeDriver.Run(s_framing, PipeReader.Create(Segments.Of(traffic.Bytes, cutting))));

    [Property]
    public void Pausing_anywhere_changes_nothing(DamagedTraffic traffic, PausePlan pauses)
        => Assert.Equal(new XmlReference().Decode(traffic.Bytes).Lines(traffic.Bytes), AssemblerDriver.Run(s_framing, traffic.Bytes, traffic.Cutting, pauses: pauses));

    [Property(MaxTest = 3000)]
    public void Any_bytes_give_what_the_reference_finds_however_they_are_cut(DamagedTraffic traffic)
        => Assert.Equal(new XmlReference().Decode(traffic.Bytes).Lines(traffic.Bytes), AssemblerDriver.Run(s_framing, traffic.Bytes, traffic.Cutting));

    [Property(MaxTest = 2000)]
    public void Small_limits_break_at_the_same_byte_however_it_is_cut(DamagedTraffic traffic, byte length, byte depth)
    {
        XmlDocumentOptions options = new() { MaxDocumentLength = 4 + length, MaxDepth = 1 + (depth % 4) };
        Assert.Equal(
            new XmlReference(options.MaxDocumentLength, options.MaxDepth).Decode(traffic.Bytes).Lines(traffic.Bytes),
            AssemblerDriver.Run(XmlFraming.Document(options), traffic.Bytes, traffic.Cutting));
    }

    [Property(MaxTest = 5000)]
    public void A_mutated_document_is_framed_as_XmlReader_would_have_it_or_refused(DamagedTraffic traffic)
    {
        byte[] bytes = traffic.Bytes;
        IFrameDecoder decoder = s_framing.CreateDecoder();
        int at = 0;
        while (at < bytes.Length)
        {
            DecodeResult result = decoder.Decode(bytes.AsSpan(at));
            if (result.Status != DecodeStatus.Skip)
            {
                int? end = XmlJudge.DocumentEnd(bytes.AsSpan(at));
                switch (result.Status)
                {
                    case DecodeStatus.Frame:
                        Assert.True(end is null || end == result.Length, $"a frame of {result.Length} bytes; XmlReader has a document of {end} at {at}");
                        break;
                    case DecodeStatus.Reject when result.Rejection!.Reason == "EncodingNotSupported":
                        return;
                    default:
                        Assert.True(end is null, $"{result.Rejection}; XmlReader has a document of {end} at {at}");
                        return;
                }
            }

            at += result.Consumed;
        }
    }

    [Theory]
    [InlineData("<a b='>'/> <c/>")]
    [InlineData("<a>]]></a><!---->")]
    [InlineData("<ab></ab ><ab></a")]
    [InlineData("\uFEFF<?x ??><é/>")]
    public void Every_cutting_of_a_short_stream_gives_the_same(string text)
    {
        byte[] stream = Encoding.UTF8.GetBytes(text);
        List<string> expected = new XmlReference().Decode(stream).Lines(stream);
        for (int cuts = 0; cuts < 1 << (stream.Length - 1); cuts++)
        {
            List<int> sizes = [1];
            for (int i = 0; i < stream.Length - 1; i++)
            {
                if (((cuts >> i) & 1) == 1)
                {
                    sizes.Add(1);
                }
                else
                {
                    sizes[^1]++;
                }
            }

            Assert.Equal(expected, AssemblerDriver.Run(s_framing, stream, new Cutting([.. sizes])));
        }
    }

    [Theory]
    [InlineData("<?xml version='1.0' encoding='UTF-8'?>\n<!-- c - > --><?p ?x?><a b='/>' c=\">\"><![CDATA[]]]>]]]]><é x='1'/>t</a > \uFEFF<b/>")]
    [InlineData("<a><!-- x --><b></b ><c/></a><d></e>")]
    [InlineData("<a><b><![CDATA[x]]></b></a><!DOCTYPE a>")]
    public void One_and_two_cuts_anywhere_give_the_same(string text)
    {
        byte[] stream = Encoding.UTF8.GetBytes(text);
        List<string> expected = new XmlReference().Decode(stream).Lines(stream);
        for (int first = 1; first < stream.Length; first++)
        {
            for (int second = 1; second <= stream.Length - first; second++)
            {
                Assert.Equal(expected, AssemblerDriver.Run(s_framing, stream, new Cutting([first, second, stream.Length])));
            }
        }
    }

    [Fact]
    public void Many_threads_may_check_what_they_send_at_once()
    {
        byte[][] documents = [.. Enumerable.Range(0, 50).Select(i => XmlText.Document(i, i))];
        Parallel.For(0, 2000, i =>
        {
            byte[] document = documents[i % documents.Length];
            Assert.Null(s_framing.CheckOutgoing(document));
            Assert.Equal("TruncatedFrame", s_framing.CheckOutgoing(document.AsSpan(0, document.Length - 1))?.Reason);
        });
    }

    [Property(MaxTest = 100)]
    public void Truncation_at_every_byte_is_reported(XmlTraffic traffic, Cutting cutting)
    {
        byte[] bytes = traffic.Bytes;
        int step = 1 + (bytes.Length / 200);
        for (int length = 0; length <= bytes.Length; length += step)
        {
            byte[] prefix = bytes[..length];
            Assert.Equal(new XmlReference().Decode(prefix).Lines(prefix), AssemblerDriver.Run(s_framing, prefix, cutting));
        }
    }

    [Property]
    public void What_is_received_as_frames_may_be_sent_and_what_is_refused_may_not(DamagedTraffic traffic)
    {
        byte[] bytes = traffic.Bytes;
        ReferenceResult expected = new XmlReference().Decode(bytes);
        FrameRejection? outgoing = s_framing.CheckOutgoing(bytes);
        if (expected.Rejection is not null)
        {
            Assert.Equal(expected.Rejection, outgoing);
        }
        else if (expected.TruncatedAt is { } offset)
        {
            Assert.Equal(new FrameRejection("TruncatedFrame", null, bytes.Length - offset) { StreamOffset = offset, FrameIndex = expected.Frames.Count }, outgoing);
        }
        else
        {
            // A mark behind the last document belongs to the next one, which a send must bring.
            bool endsBehindMark = expected.Frames is [.., var last] && bytes.AsSpan(last.End.Value).Contains((byte)0xEF);
            Assert.Equal(expected.Frames.Count == 0 ? "EmptyData" : endsBehindMark ? "TruncatedFrame" : null, outgoing?.Reason);
        }
    }

    [Property]
    public void What_may_be_sent_one_after_the_other_is_received(XmlTraffic first, bool markBehind, XmlTraffic second, bool markInFront)
    {
        byte[] mark = [0xEF, 0xBB, 0xBF];
        byte[] one = [.. first.Bytes, .. markBehind ? mark : []];
        byte[] two = [.. markInFront ? mark : [], .. second.Bytes];
        if (s_framing.CheckOutgoing(one) is null && s_framing.CheckOutgoing(two) is null)
        {
            ReferenceResult received = new XmlReference().Decode([.. one, .. two]);
            Assert.Null(received.Rejection);
            Assert.Null(received.TruncatedAt);
        }
    }

    [Property]
    public void Memory_grows_with_the_bytes_that_came(DamagedTraffic traffic)
        => AssemblerDriver.Run(s_framing, traffic.Bytes, traffic.Cutting, (in assembler, pool, received) =>
        {
            Assert.InRange(pool.LargestRent, 0, 2 * received);
            if (assembler.Rejection is null)
            {
                Assert.InRange(assembler.Capacity, 0, 2 * assembler.BytesHeld);
            }
        });
}
