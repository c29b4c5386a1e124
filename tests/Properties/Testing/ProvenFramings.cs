using System.Text;
using Framing.Binary;
using Framing.Properties.Generators;
using Framing.Testing;
using Framing.Xml;
using Iocp.Core;
using Orders;
using Xunit;

namespace Framing.Properties.Testing;

/// <summary>The framings that ship, proven by what users prove theirs with.</summary>
public sealed class ProvenFramings
{
    [Fact]
    public void PacketHead() => Prove(new PacketFraming<PacketHead>(), PacketHeadSamples());

    [Fact]
    public void PacketHead_with_every_rule() => Prove(
        BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = 40, TotalLengthRule = TotalLengthRule.EqualsCurrent, AllowedTypes = [1, 7] }),
        [.. PacketHeadSamples(), Sample.Refused("another type", PacketHeadFormat.Head(0, 1, 0, 2), "TypeNotAllowed", [])]);

    [Fact]
    public void Declared_header() => Prove(new LayoutFraming(HeaderLayout.PacketHead), PacketHeadSamples());

    [Fact]
    public void Declared_header_with_a_checksum_that_is_not_delivered()
    {
        HeaderLayout layout = new()
        {
            HeaderSize = 3,
            Length = new LengthField { Offset = 1, Width = 2, Counts = LengthCounts.Frame },
            Fields = [new HeaderField { Name = "Version", Offset = 0, Width = 1, Values = [1] }],
            MaxPayloadLength = 64,
            BytesToStrip = 3,
        };
        Prove(new LayoutFraming(layout),
        [
            Sample.Legal("two", [1, 0, 3, 1, 0, 5, 7, 8], [[], [7, 8]]),
            Sample.Refused("version 2", [2, 0, 3], "FieldOutOfRange", []),
            Sample.Refused("shorter than its header", [1, 0, 3, 1, 0, 2, 9], "FieldOutOfRange", [[]]),
            Sample.Refused("too long", [1, 0, 68], "PayloadTooLong", []),
        ]);
    }

    [Fact]
    public void Own_header() => Prove(new PacketFraming<OrderHead>(new PacketFramingOptions<OrderHead> { MaxPayloadLength = 100 }),
    [
        Sample.OfFrames("empty", OrderHeadFormat.Head(OrderHead.Magic, 1, 8)),
        Sample.OfFrames("three", [.. OrderHeadFormat.Head(OrderHead.Magic, 2, 10), 1, 2], OrderHeadFormat.Head(OrderHead.Magic, 1, 8), [.. OrderHeadFormat.Head(OrderHead.Magic, 2, 9), 3]),
        Sample.Refused("another magic number", OrderHeadFormat.Head(0x1234, 1, 8), "FieldOutOfRange", []),
        Sample.Refused("too long", OrderHeadFormat.Head(OrderHead.Magic, 1, 109), "PayloadTooLong", []),
    ]);

    [Fact]
    public void Xml_documents()
    {
        string[] documents =
        [
            "<a/>",
            "<a b='>'/>",
            "<?xml version=\"1.0\"?><!-- - > --><r a='/>' b=\"'\"><x/><![CDATA[ ]] > </r> ]]><?p ? > ?>&lt;</r>",
            "<größe>" + new string('x', 300) + "</größe>",
        ];
        Prove(XmlFraming.Document(new XmlDocumentOptions { MaxDocumentLength = 2000, MaxDepth = 4 }),
        [
            .. documents.Select((document, i) => Sample.OfFrames($"document {i}", Encoding.UTF8.GetBytes(document))),
            Sample.Legal("white space", "\n <a/>\t\r\n<b></b>\n"u8, ["<a/>"u8.ToArray(), "<b></b>"u8.ToArray()]),
            Sample.Refused("a document type", "<a/><!DOCTYPE a><a/>"u8, "DoctypeNotAllowed", ["<a/>"u8.ToArray()]),
            Sample.Refused("another end tag", "<a></b>"u8, "UnmatchedEndTag", []),
            Sample.Refused("too deep", "<a><a><a><a><a>"u8, "TooDeep", []),
            Sample.Refused("UTF-16", Encoding.Unicode.GetBytes("<a/>"), "EncodingNotSupported", []),
            Sample.Refused("too long", Encoding.UTF8.GetBytes($"<a>{new string(' ', 2000)}</a>"), "DocumentTooLong", []),
        ]);
    }

    [Fact]
    public void Xml_chunks() => Prove(
        XmlFraming.RawChunk(),
        [Sample.OfFrames("half a document", "<a>half "u8.ToArray()), Sample.OfFrames("the other", "and half</a>"u8.ToArray())],
        new DecoderProofOptions { FramesFollowReads = true });

    private static Sample[] PacketHeadSamples() =>
    [
        Sample.OfFrames("no payload", PacketHeadFormat.Head(0, 1, 0, 7)),
        Sample.OfFrames("one byte", [.. PacketHeadFormat.Head(1, 2, 1, 1), 0xFF]),
        Sample.OfFrames("three", [.. PacketHeadFormat.Head(3, 1, 3, 1), 1, 2, 3], PacketHeadFormat.Head(0, 2, 0, 1), [.. PacketHeadFormat.Head(40, 3, 40, 7), .. new byte[40]]),
        Sample.Refused("a negative total", [.. PacketHeadFormat.Head(0, 1, 0, 1), .. PacketHeadFormat.Head(-1, 2, 0, 1)], "TotalLengthNegative", [PacketHeadFormat.Head(0, 1, 0, 1)]),
        Sample.Refused("too long", PacketHeadFormat.Head(65535, 2, 65535, 1), "PayloadTooLong", []),
    ];

    private static void Prove(IFraming framing, Sample[] samples, DecoderProofOptions? options = null)
    {
        DecoderProofReport report = DecoderProof.Run(framing, samples, options);
        Assert.InRange(report.Streams, 2_000, long.MaxValue);
        Assert.InRange(report.Runs, 8_000, long.MaxValue);
    }
}
