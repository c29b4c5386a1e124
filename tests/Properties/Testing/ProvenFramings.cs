using System.IO.Hashing;
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
    public void Declared_header_that_counts_the_frame_and_is_not_delivered()
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
    public void Declared_header_with_a_checksum_behind_the_payload()
    {
        HeaderLayout layout = new() { HeaderSize = 1, Length = new LengthField { Width = 1, Adjustment = 4 }, Checksum = new HeaderChecksum(), MaxPayloadLength = 64 };
        byte[] empty = [0, .. Crc32.Hash([0]).Reverse()], two = [2, 7, 8, .. Crc32.Hash([2, 7, 8]).Reverse()], wrong = [.. two[..^1], (byte)(two[^1] ^ 1)];
        Prove(new LayoutFraming(layout),
        [
            Sample.OfFrames("empty", empty),
            Sample.OfFrames("three", two, empty, two),
            Sample.Refused("another checksum", [.. empty, .. wrong], "ChecksumMismatch", [empty]),
            Sample.Refused("too long", [61], "PayloadTooLong", []),
        ]);
    }

    [Fact]
    public void Messages()
    {
        byte[] cut = [.. PacketHeadFormat.Head(5, 9, 2, 1), 1, 2, .. PacketHeadFormat.Head(5, 10, 3, 1), 3, 4, 5], message = [.. cut[..14], 3, 4, 5];
        byte[] whole = [.. PacketHeadFormat.Head(2, 1, 2, 7), 6, 7], empty = PacketHeadFormat.Head(0, 4, 0, 7);
        Prove(new MessageFraming(new BinaryFramingOptions { MaxPayloadLength = 40, MaxMessageLength = 100, AllowedTypes = [1, 7] }),
        [
            Sample.OfFrames("of one packet", whole),
            Sample.OfFrames("of none", empty),
            Sample.Legal("of two packets", cut, [message]),
            Sample.Legal("several", [.. cut, .. empty, .. cut, .. whole], [message, empty, message, whole]),
            Sample.Refused("a repeat", [.. whole, .. cut[..14], .. cut[..14]], "SerialOutOfOrder", [whole]),
            Sample.Refused("another total", [.. cut[..14], .. PacketHeadFormat.Head(6, 10, 3, 1)], "TotalLengthChanged", []),
            Sample.Refused("another type", [.. cut[..14], .. PacketHeadFormat.Head(5, 10, 3, 7)], "TypeChanged", []),
            Sample.Refused("an empty packet", [.. cut[..14], .. PacketHeadFormat.Head(5, 10, 0, 1)], "EmptyPacket", []),
            Sample.Refused("an overrun", [.. cut[..14], .. PacketHeadFormat.Head(5, 10, 4, 1)], "MessageOverrun", []),
            Sample.Refused("too long", PacketHeadFormat.Head(101, 1, 40, 1), "MessageTooLong", []),
        ]);
    }

    [Fact]
    public void Delimiters() => Prove(
        new DelimiterFraming(new DelimiterFramingOptions { Delimiters = ["\r\n"u8.ToArray(), "\n"u8.ToArray()], MaxPayloadLength = 100 }),
        [
            Sample.Legal("a line", "a line\r\n"u8, ["a line"u8.ToArray()]),
            Sample.Legal("empty ones and CR of their own", "\n\r\na\rb\r\r\n"u8, [[], [], "a\rb\r"u8.ToArray()]),
            Sample.Legal("a longer one", [.. new byte[100], .. "\r\n"u8], [new byte[100]]),
            Sample.Refused("too long", [.. "a\n"u8, .. new byte[102]], "PayloadTooLong", ["a"u8.ToArray()]),
        ]);

    [Fact]
    public void Delimiters_that_begin_alike_and_are_kept() => Prove(
        new DelimiterFraming(new DelimiterFramingOptions
        {
            Delimiters = ["aab"u8.ToArray(), "abc"u8.ToArray(), "--"u8.ToArray()], MaxPayloadLength = 80, KeepDelimiter = true, SkipEmpty = true,
        }),
        [
            Sample.OfFrames("one of each", "xaab"u8.ToArray(), "yabc"u8.ToArray(), "z--"u8.ToArray()),
            Sample.Legal("empty ones", "aab--x--abc"u8, ["x--"u8.ToArray()]),
            Sample.Legal("beginnings of others", "aaab-aab"u8, ["aaab"u8.ToArray(), "-aab"u8.ToArray()]),
            Sample.Refused("too long", new byte[83], "PayloadTooLong", []),
        ]);

    [Fact]
    public void Fixed_size() => Prove(new FixedSizeFraming(7),
    [
        Sample.OfFrames("one", "1234567"u8.ToArray()),
        Sample.OfFrames("three", "1234567"u8.ToArray(), new byte[7], "abcdefg"u8.ToArray()),
    ]);

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
