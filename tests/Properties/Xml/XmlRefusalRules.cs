using System.Text;
using Framing.Properties.Decoding;
using Framing.Xml;
using Iocp.Core;
using Xunit;
using static Framing.Properties.Xml.XmlExpectations;

namespace Framing.Properties.Xml;

/// <summary>docs/framing.md, XML documents, rule by rule: what is refused, why and where. Each said whole and byte by byte.</summary>
public sealed class XmlRefusalRules
{
    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-32BE")]
    public void UTF_16_and_32_are_refused_with_a_mark_and_without(string encoding)
    {
        Encoding it = Encoding.GetEncoding(encoding);
        Assert.Equal("EncodingNotSupported", Refusal([.. it.Preamble, .. it.GetBytes("<a/>")]).Reason);
        Assert.Equal("EncodingNotSupported", Refusal(it.GetBytes("<a/>")).Reason);
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("\0<a/>")]
    [InlineData("<\0a/>")]
    [InlineData("<a\0/>")]
    [InlineData("<a \0/>")]
    [InlineData("<a /\0")]
    [InlineData("<a b='\0'/>")]
    [InlineData("<a>\0</a>")]
    [InlineData("<a><\0")]
    [InlineData("<a></\0")]
    [InlineData("<a></a\0>")]
    [InlineData("<a></a \0>")]
    [InlineData("<a><!\0")]
    [InlineData("<a><!-\0")]
    [InlineData("<a><!--\0--></a>")]
    [InlineData("<a><!-- -\0--></a>")]
    [InlineData("<a><!-- --\0")]
    [InlineData("<a><![CDATA[\0]]></a>")]
    [InlineData("<a><![CDATA[]\0]]></a>")]
    [InlineData("<a><![CDATA[]]\0]]></a>")]
    [InlineData("<a><?\0")]
    [InlineData("<a><?p\0?></a>")]
    [InlineData("<a><?p?\0")]
    [InlineData("<a><?p \0?></a>")]
    [InlineData("<a><?p ?\0?></a>")]
    public void A_NUL_is_refused_anywhere(string stream) => Assert.Equal("EncodingNotSupported", Refusal(Encoding.UTF8.GetBytes(stream)).Reason);

    [Theory]
    [InlineData("UTF-16")]
    [InlineData("Shift_JIS")]
    [InlineData("ISO-2022-JP")]
    [InlineData("GB18030")]
    [InlineData("IBM037")]
    [InlineData("ISO-8859-")]
    [InlineData("")]
    public void Any_other_declared_encoding_is_refused(string encoding)
    {
        string declaration = $"<?xml version='1.0' encoding='{encoding}'?>";
        Refuses($"{declaration}<a/>", "EncodingNotSupported", "XML declaration", declaration.Length - 1);
    }

    [Theory]
    [InlineData("<a></b>", 5)]
    [InlineData("<a></ab>", 6)]
    [InlineData("<ab></a>", 7)]
    [InlineData("<ab></a >", 7)]
    [InlineData("<a><b></a></b>", 8)]
    [InlineData("</a>", 1)]
    [InlineData("<!---->\n</a>", 9)]
    [InlineData("<é></è>", 7)]
    [InlineData("<a></A>", 5)]
    public void End_tags_must_match_their_start_tags(string stream, int at) => Refuses(stream, "UnmatchedEndTag", "end tag", at);

    [Theory]
    [InlineData("<!DOCTYPE a><a/>", 8)]
    [InlineData("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a/>", 29)]
    [InlineData("<a><!DOCTYPE a></a>", 11)]
    public void DOCTYPE_is_refused(string stream, int at) => Refuses(stream, "DoctypeNotAllowed", "DOCTYPE", at);

    [Fact]
    public void A_document_too_long_is_refused_as_soon_as_the_limit_is_reached()
    {
        IFrameDecoder decoder = XmlFraming.Document(new XmlDocumentOptions { MaxDocumentLength = 10 }).CreateDecoder();
        Assert.Equal(DecodeStatus.NeedMore, decoder.Decode("<a>123456"u8).Status);
        Assert.Equal("DocumentTooLong", decoder.Decode("<a>1234567"u8).Rejection!.Reason);
    }

    [Theory]
    [InlineData("x<a/>", 0)]
    [InlineData("<!---->x<a/>", 7)]
    [InlineData("&amp;", 0)]
    [InlineData("\u00A0<a/>", 0)]
    public void Content_before_the_root_is_refused(string stream, int at) => Refuses(stream, "ContentBeforeRoot", "prolog", at);

    [Fact]
    public void CDATA_before_the_root_is_refused() => Refuses("<![CDATA[x]]><a/>", "ContentBeforeRoot", "CDATA section", 8);

    [Theory]
    [InlineData("<1/>", "tag", 1)]
    [InlineData("< a/>", "tag", 1)]
    [InlineData("<a><></a>", "tag", 4)]
    [InlineData("<a\"/>", "start tag", 2)]
    [InlineData("<a<b/>", "start tag", 2)]
    [InlineData("<a b<c/>", "start tag", 4)]
    [InlineData("<a / >", "start tag", 4)]
    [InlineData("<a b='x>\n<c/>", "attribute value", 9)]
    [InlineData("<a></ a>", "end tag", 5)]
    [InlineData("<a></>", "end tag", 5)]
    [InlineData("<a></a b>", "end tag", 7)]
    [InlineData("<a></a/>", "end tag", 6)]
    [InlineData("<a><!ELEMENT b></a>", "declaration", 5)]
    [InlineData("<!doctype a>", "declaration", 2)]
    [InlineData("<a><!-x", "declaration", 6)]
    [InlineData("<a><![CDATAx", "declaration", 11)]
    [InlineData("<a><!-- -- --></a>", "comment", 10)]
    [InlineData("<a><!--x---></a>", "comment", 10)]
    [InlineData("<a><? p?></a>", "processing instruction", 5)]
    [InlineData("<a><?p?x?></a>", "processing instruction", 7)]
    [InlineData("<a><?p>?></a>", "processing instruction", 6)]
    [InlineData("<!----><?xml version='1.0'?><a/>", "XML declaration", 12)]
    [InlineData("<a><?XmL ?></a>", "XML declaration", 8)]
    [InlineData("<?xml version='1.0?><a/>", "XML declaration", 19)]
    [InlineData("<?xml version?><a/>", "XML declaration", 14)]
    [InlineData("<?xml version='1.0é'?><a/>", "XML declaration", 22)]
    public void Malformed_markup_is_refused(string stream, string construct, int at) => Refuses(stream, "MalformedMarkup", construct, at);

    [Theory]
    [InlineData("<")]
    [InlineData("<a>")]
    [InlineData("<a></a")]
    [InlineData("<a/")]
    [InlineData("<?xml version='1.0'?>")]
    [InlineData("<!-- c -->  ")]
    [InlineData("\xEF")]
    public void The_end_of_the_stream_inside_a_document_is_a_truncation(string stream)
    {
        byte[] bytes = Encoding.Latin1.GetBytes($"<r/> {stream}");
        foreach (List<string> lines in Outcomes(bytes, new XmlDocumentOptions()))
        {
            Assert.Equal(Describe.Truncated(5, stream.Length), lines[^1]);
        }
    }
}
