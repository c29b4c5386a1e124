using System.Text;
using System.Xml.Linq;
using Framing.Properties.Decoding;
using Framing.Testing;
using Framing.Xml;
using Iocp.Core;
using Xunit;
using static Framing.Properties.Xml.XmlExpectations;

namespace Framing.Properties.Xml;

/// <summary>docs/framing.md, XML documents, rule by rule: what is a document, and what may be sent. Each said whole and byte by byte.</summary>
public sealed class XmlDocumentRules
{
    [Theory]
    [InlineData("<a/>")]
    [InlineData("<a></a>")]
    [InlineData("<?xml version='1.0'?><a/>")]
    [InlineData("<?xml version='1.0'?>\n<!-- c -->\n<?p i?> <a/>")]
    [InlineData("<!-- c --><?p i?><a/>")]
    public void A_frame_is_one_complete_document_with_its_prolog(string document) => Frames(document, document);

    [Fact]
    public void Documents_follow_each_other_without_anything_between() => Frames("<a/><b></b><c/>", "<a/>", "<b></b>", "<c/>");

    [Theory]
    [InlineData("<a/><!-- b --><c/>", "<a/>", "<!-- b --><c/>")]
    [InlineData("<a/><?b?> <c/>", "<a/>", "<?b?> <c/>")]
    public void A_document_ends_with_its_root_and_what_follows_is_the_next_ones_prolog(string stream, params string[] frames) => Frames(stream, frames);

    [Theory]
    [InlineData("  \r\n\t<a/>", "<a/>")]
    [InlineData("<a/>\n\n<b/>\n", "<a/>", "<b/>")]
    [InlineData(" \n ")]
    [InlineData("")]
    public void Whitespace_between_documents_is_dropped(string stream, params string[] frames) => Frames(stream, frames);

    [Fact]
    public void Whitespace_between_documents_counts_against_no_limit()
    {
        string space = new(' ', 1000);
        Frames(new XmlDocumentOptions { MaxDocumentLength = 4 }, $"{space}<a/>{space}<b/>{space}", "<a/>", "<b/>");
    }

    [Fact]
    public void Whitespace_may_serve_as_a_keep_alive()
    {
        IFrameDecoder decoder = XmlFraming.Document().CreateDecoder();
        for (int i = 0; i < 1000; i++)
        {
            DecodeResult result = decoder.Decode("\n"u8);       // nothing is held, so the end of the stream would be a clean one
            Assert.Equal((DecodeStatus.Skip, 1), (result.Status, result.Consumed));
        }
    }

    [Fact]
    public void A_UTF_8_byte_order_mark_at_the_start_is_dropped()
    {
        Frames("\uFEFF<a/>", "<a/>");
        Frames("\uFEFF<?xml version='1.0'?><a/>", "<?xml version='1.0'?><a/>");
        Frames("\uFEFF<a/>\uFEFF<b/>", "<a/>", "<b/>");
        Frames("<a/> \uFEFF\n<b/>", "<a/>", "<b/>");
        Frames(new XmlDocumentOptions { MaxDocumentLength = 4 }, "\uFEFF<a/>", "<a/>");
    }

    [Fact]
    public void A_byte_order_mark_elsewhere_is_content()
    {
        Refuses("\uFEFF\uFEFF<a/>", "ContentBeforeRoot", "prolog", 0);
        Refuses("<!---->\uFEFF<a/>", "ContentBeforeRoot", "prolog", 7);
        Frames("<a>\uFEFF</a>", "<a>\uFEFF</a>");
    }

    [Theory]
    [InlineData("UTF-8")]
    [InlineData("utf-8")]
    [InlineData("utf8")]
    [InlineData("US-ASCII")]
    [InlineData("ISO-8859-1")]
    [InlineData("windows-1252")]
    public void A_declared_encoding_in_which_markup_is_ASCII_is_understood(string encoding)
    {
        string document = $"<?xml version='1.0'\tencoding = \"{encoding}\" standalone='yes' ?><a/>";
        Frames(document, document);
    }

    [Fact]
    public void What_is_no_character_of_the_declared_encoding_is_no_markup_to_the_reader_either()
    {
        // .NET reads any byte from 0x80 on as a question mark where US-ASCII is declared: here it would end the instruction and let a DOCTYPE through.
        const string document = "<?xml version='1.0' encoding='us-ascii'?><?p \u0080><!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;<!-- ?><a>--></a>";
        byte[] bytes = Encoding.Latin1.GetBytes(document);
        Assert.Equal("x", XElement.Load(new MemoryStream(bytes)).Value);
        Assert.Equal(new FrameRejection("EncodingNotSupported", "US-ASCII", document.IndexOf('\u0080', StringComparison.Ordinal)), Refusal(bytes));
        Assert.Equal("EncodingNotSupported", XmlFraming.Document().CheckOutgoing(bytes)?.Reason);
    }

    [Fact]
    public void In_every_other_encoding_that_may_be_declared_and_that_NET_knows_no_byte_from_0x80_on_is_ASCII()
    {
        string[] names = [.. CodePagesEncodingProvider.Instance.GetEncodings().Concat(Encoding.GetEncodings()).Select(encoding => encoding.Name).Distinct()];
        names = Array.FindAll(names, name => !name.StartsWith("utf", StringComparison.OrdinalIgnoreCase) && name != "us-ascii" && IsAccepted(name));
        Assert.Contains("iso-8859-8", names);
        Assert.Contains("windows-1257", names);
        byte[] high = [.. Enumerable.Range(0x80, 0x80).Select(value => (byte)value)];
        Assert.All(names, name =>
        {
            Encoding encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
            Assert.All(high, value => Assert.True(encoding.GetString([value])[0] > 0x7F, $"{value:X2} in {name}"));
        });
    }

    [Theory]
    [InlineData("iso-8859-")]
    [InlineData("iso-8859-123")]
    [InlineData("iso-8859-1x")]
    [InlineData("iso-8859-foo")]
    [InlineData("windows-125")]
    [InlineData("windows-125x")]
    [InlineData("windows-1252bis")]
    public void What_only_begins_like_the_name_of_a_known_encoding_is_refused(string encoding) => Assert.False(IsAccepted(encoding));

    private static bool IsAccepted(string encoding)
        => XmlFraming.Document().CheckOutgoing(Encoding.ASCII.GetBytes($"<?xml version='1.0' encoding='{encoding}'?><a/>")) is null;

    [Theory]
    [InlineData("<a><!-- </a> <b> ' \" ]]> ?> - -x --></a>")]
    [InlineData("<!----><a/>")]
    public void Comments_are_understood(string document) => Frames(document, document);

    [Theory]
    [InlineData("<a><![CDATA[</a>]]></a>")]
    [InlineData("<a><![CDATA[]]]]></a>")]
    [InlineData("<a><![CDATA[]]]></a>")]
    [InlineData("<a><![CDATA[]] > ]> > ]]></a>")]
    [InlineData("<a><![CDATA[]]></a>")]
    [InlineData("<a><![CDATA[<![CDATA[]]></a>")]
    public void CDATA_is_understood(string document) => Frames(document, document);

    [Theory]
    [InlineData("<a><?p </a> > ? ' \" --> ??></a>")]
    [InlineData("<?p?><a><?p?></a>")]
    [InlineData("<?xml-stylesheet href='x>y'?><a/>")]
    [InlineData("<a><?xmlfoo?></a>")]
    public void Processing_instructions_are_understood(string document) => Frames(document, document);

    [Theory]
    [InlineData("<a b='>' c=\"/>\" d='\"' e=\"'\"/>")]
    [InlineData("<a b = '/>'  ></a>")]
    [InlineData("<a\nb=''\t>/></a>")]
    public void Quoted_attribute_values_may_hold_greater_than_and_slash(string document) => Frames(document, document);

    [Theory]
    [InlineData("<a><b/><c /><d x='1'/></a>")]
    [InlineData("<a />")]
    public void Empty_elements_are_understood(string document) => Frames(document, document);

    [Theory]
    [InlineData("<名前><имя>é</имя></名前>")]
    [InlineData("<_:é-1.x></_:é-1.x>")]
    public void Names_in_any_UTF_8_letters_are_understood(string document) => Frames(document, document);

    [Fact]
    public void MaxDocumentLength_is_measured_on_the_document_alone()
    {
        const string document = "<!--c--><a>12345</a>";
        Frames(new XmlDocumentOptions { MaxDocumentLength = document.Length }, $"\n\n{document} {document}", document, document);
        Assert.Equal(
            new FrameRejection("DocumentTooLong", null, null, document.Length - 1) { StreamOffset = 2 },
            Refusal(Encoding.UTF8.GetBytes($"\n\n{document}"), new XmlDocumentOptions { MaxDocumentLength = document.Length - 1 }));
        Assert.Equal((1 << 20, 1 << 20), (XmlFraming.Document().MaxDocumentLength, XmlFraming.Document().MaxFrameLength));
    }

    [Fact]
    public void MaxDepth_is_the_most_elements_open_at_once_empty_ones_included()
    {
        XmlDocumentOptions options = new() { MaxDepth = 3 };
        Frames(options, "<a><b><c/><c></c></b><b/></a>", "<a><b><c/><c></c></b><b/></a>");
        Assert.Equal(new FrameRejection("TooDeep", null, 4, 3), Refusal("<a><b><c><d"u8.ToArray(), options));
        string deepest = string.Concat(Enumerable.Repeat("<a>", 256)) + string.Concat(Enumerable.Repeat("</a>", 256));
        Frames(deepest, deepest);
        Assert.Equal(new FrameRejection("TooDeep", null, 257, 256), Refusal(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", 257)))));
    }

    [Theory]
    [InlineData("<a>&undefined;</a>")]
    [InlineData("<a b='1' b='2' c=3 \xFF/>")]
    [InlineData("<a>\x01 ]]> \xC3</a>")]
    public void What_only_the_reader_can_judge_is_left_to_the_reader(string document)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(document);
        Assert.False(XmlJudge.Accepts(bytes));
        Assert.All(Outcomes(bytes, new XmlDocumentOptions()), lines => Assert.Equal([Describe.Frame(0, 0, bytes), Describe.Clean], lines));
    }

    [Theory]
    [InlineData("<a/>", null)]
    [InlineData("<a/>\n<b/> ", null)]
    [InlineData("\uFEFF<a/>", null)]
    [InlineData("", "EmptyData")]
    [InlineData(" \n", "EmptyData")]
    [InlineData("<a/><b>", "TruncatedFrame")]
    [InlineData("<a/>b", "ContentBeforeRoot")]
    [InlineData("<a><b/>", "TruncatedFrame")]
    [InlineData("<a/>\uFEFF<b/>", null)]
    [InlineData("<a/>\uFEFF", "TruncatedFrame")]
    [InlineData("<a/>\uFEFF\n", "TruncatedFrame")]
    [InlineData("\uFEFF", "EmptyData")]
    [InlineData("<a></b>", "UnmatchedEndTag")]
    public void One_or_more_whole_documents_may_be_sent(string data, string? reason)
        => Assert.Equal(reason, XmlFraming.Document().CheckOutgoing(Encoding.UTF8.GetBytes(data))?.Reason);

    [Fact]
    public void A_refused_send_says_where()
        => Assert.Equal(
            new FrameRejection("TruncatedFrame", null, 3) { StreamOffset = 5, FrameIndex = 1 },
            XmlFraming.Document().CheckOutgoing("<a/> <b>"u8));

    [Fact]
    public void A_mark_at_the_end_is_refused_where_it_begins_since_the_next_send_may_begin_with_one()
        => Assert.Equal(
            new FrameRejection("TruncatedFrame", null, 4) { StreamOffset = 5, FrameIndex = 1 },
            XmlFraming.Document().CheckOutgoing("<a/> \uFEFF\n"u8));

    [Theory]
    [InlineData(3, 256, "MaxDocumentLength is 3; it must be 4 to 2147483591")]
    [InlineData(-1, 256, "MaxDocumentLength is -1; it must be 4 to 2147483591")]
    [InlineData(int.MaxValue, 256, "MaxDocumentLength is 2147483647; it must be 4 to 2147483591")]
    [InlineData(4, 0, "MaxDepth is 0; it must be 1 to 65536")]
    [InlineData(4, 65537, "MaxDepth is 65537; it must be 1 to 65536")]
    public void An_option_out_of_range_is_refused_with_value_and_range(int length, int depth, string message)
        => Assert.Contains(
            message,
            Assert.Throws<ArgumentOutOfRangeException>(() => XmlFraming.Document(new XmlDocumentOptions { MaxDocumentLength = length, MaxDepth = depth })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void The_greatest_limits_are_legal_and_hold()
    {
        XmlDocumentOptions options = new() { MaxDocumentLength = Array.MaxLength, MaxDepth = 65_536 };
        Assert.Equal((Array.MaxLength, 65_536), (XmlFraming.Document(options).MaxDocumentLength, XmlFraming.Document(options).MaxDepth));
        string starts = string.Concat(Enumerable.Repeat("<a>", 65_536));
        byte[] deepest = Encoding.UTF8.GetBytes(starts + string.Concat(Enumerable.Repeat("</a>", 65_536)));
        Assert.Equal([Describe.Frame(0, 0, deepest), Describe.Clean], AssemblerDriver.Run(XmlFraming.Document(options), deepest, Cutting.Whole));
        Assert.Equal(
            [Describe.Rejected(new FrameRejection("TooDeep", null, 65_537, 65_536))],
            AssemblerDriver.Run(XmlFraming.Document(options), Encoding.UTF8.GetBytes(starts + "<a>"), Cutting.Whole));
    }

    [Fact]
    public void The_name_and_the_limits_are_the_documented_ones()
        => Assert.Equal(("xml-document", 1 << 20, 256), (XmlFraming.Document().Name, XmlFraming.Document().MaxDocumentLength, XmlFraming.Document().MaxDepth));
}
