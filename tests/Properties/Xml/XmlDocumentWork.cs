using System.Text;
using Framing.Properties.Decoding;
using Framing.Xml;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Xml;

/// <summary>docs/framing.md, XML documents: one forward scan, linear however the bytes are cut; and what it costs in memory.</summary>
public sealed class XmlDocumentWork
{
    private const int Length = 64 * 1024;

    // Every kind of place to be cut in, and long stretches of each.
    private static readonly byte[] s_document = Document();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1460)]
    [InlineData(Length / 2)]
    public void Every_byte_is_examined_once_however_they_are_cut(int size) => ExaminedOnce(s_document, "root", size);

    [Theory]
    [InlineData(1)]
    [InlineData(61)]
    [InlineData(4096)]
    public void So_is_every_byte_of_what_is_rarely_long(int size)
    {
        string blank = string.Concat(Enumerable.Repeat(" \t\r\n", 2000));
        string name = string.Concat(Enumerable.Repeat("näme", 2000));
        string document = $"<?xml version='1.0'?>{blank}<?{name} {blank}?>{blank}<!--{blank}-->{blank}<{name}{blank}{name}{blank}={blank}'{blank}'{blank}>"
            + $"<?{name}?>&#{new string('0', 2000)}65;<{name}/></{name}{blank}>";
        ExaminedOnce(Encoding.UTF8.GetBytes(document), name, size);
    }

    private static void ExaminedOnce(byte[] document, string root, int size)
    {
        // What was offered becomes NULs, which are refused wherever they are seen. Left are the name of the open element and the last
        // bytes, for a tag is known by the first ones: so of the bytes examined no more are examined again than those.
        const int kept = 10;
        byte[] name = Encoding.UTF8.GetBytes(root);
        int nameBegins = document.AsSpan().IndexOf([(byte)'<', .. name]) + 1;
        byte[] seen = [.. document];
        IFrameDecoder decoder = XmlFraming.Document().CreateDecoder();
        for (int have = size; have < seen.Length; have += size)
        {
            DecodeResult more = decoder.Decode(seen.AsSpan(0, have));
            Assert.Equal((DecodeStatus.NeedMore, have + 1), (more.Status, more.Length));
            seen.AsSpan(0, Math.Max(0, Math.Min(nameBegins, have - kept))).Clear();
            int nameEnds = nameBegins + name.Length;
            seen.AsSpan(nameEnds..Math.Max(nameEnds, have - kept)).Clear();
        }

        DecodeResult result = decoder.Decode(seen);
        Assert.Equal((DecodeStatus.Frame, seen.Length), (result.Status, result.Length));
    }

    [Fact]
    public void What_is_copied_of_a_cut_document_is_linear_too()
    {
        TrackingPool pool = new();
        FrameAssembler assembler = new(XmlFraming.Document().CreateDecoder());
        foreach (byte one in s_document)
        {
            ReadOnlySpan<byte> read = [one];
            assembler.Next(ref read, pool, 1 << 20, out _);
        }

        Assert.Equal(1, assembler.FrameIndex);
        Assert.InRange(pool.Rented, 1, 13);     // doubled each time, from 32 bytes
        assembler.Release(pool);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1460)]
    [InlineData(37)]
    [InlineData(1)]
    public void Decoding_allocates_nothing(int size)
    {
        byte[] stream = [.. Enumerable.Range(0, 50).SelectMany(i => XmlText.Document(i, i))];
        PinnedArrayPool pool = new(maxRetainedBytes: 1 << 20);
        FrameAssembler assembler = new(XmlFraming.Document().CreateDecoder());
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int at = 0; at < stream.Length;)
            {
                ReadOnlySpan<byte> read = stream.AsSpan(at, Math.Min(size, stream.Length - at));
                at += read.Length;
                while (assembler.Next(ref read, pool, 1 << 20, out _) == AssemblerStatus.Frame)
                {
                }
            }
        }));
        Assert.False(assembler.InsideFrame);
    }

    [Fact]
    public void A_check_of_outgoing_data_allocates_nothing()
    {
        byte[] data = [.. Enumerable.Range(0, 20).SelectMany(i => XmlText.Document(i, i))];
        XmlDocumentFraming framing = XmlFraming.Document();
        Assert.Equal(0, Allocation.Least(() => Assert.Null(framing.CheckOutgoing(data))));
    }

    [Fact]
    public void The_decoder_of_an_idle_connection_is_small()
    {
        XmlDocumentFraming framing = XmlFraming.Document();
        Assert.InRange(Allocation.Least(() => framing.CreateDecoder()), 1, 56);
    }

    [Fact]
    public void A_connection_that_ends_inside_a_document_gives_back_what_was_rented()
    {
        XmlDocumentFraming framing = XmlFraming.Document();
        byte[] deep = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", 200)));
        long decoder = Allocation.Least(() => framing.CreateDecoder());
        Assert.Equal(decoder, Allocation.Least(() =>
        {
            IFrameDecoder ended = framing.CreateDecoder();
            ended.Decode(deep);
            ((IDisposable)ended).Dispose();
        }));
    }

    private static byte[] Document()
    {
        string part = $"<item a='{new string('>', 50)}' b=\"{new string('/', 50)}\"  /><!--{new string('x', 60)} - {new string('>', 30)}-->"
            + $"<![CDATA[{new string(']', 40)} {new string('>', 40)}]]><?p {new string('?', 40)}?>{new string('t', 300)}&lt;";
        StringBuilder text = new("<root>");
        while (text.Length + part.Length < Length)
        {
            text.Append(part);
        }

        return Encoding.UTF8.GetBytes(text.Append("</root>").ToString());
    }
}
