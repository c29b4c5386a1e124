using System.Text;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Properties.Xml;
using Framing.Xml;

namespace Framing.Properties.Differential;

/// <summary>XML documents glued from small pieces of the grammar, and raw chunks.</summary>
internal static class XmlSubjects
{
    private static readonly string[] s_names = ["a", "ab", "b", "_x:y", "é", "名", "A-1.c", "xml"];
    private static readonly string[] s_inside = ["t", " ", "\n", ">", "]]>", "\"", "/", "&amp;", "<!---->", "<!--x-y-->", "<!-- > -->", "<![CDATA[]]>", "<![CDATA[]]]]>", "<![CDATA[<x>&]] >]]>", "<?p?>", "<?p x>?>", "<?é ??>"];
    private static readonly string[] s_attributes = [" a='>'", " a=\"/>\"", "\nb = '<'", " c='\"'", " d=''", "/", " ", "\t", " e=\"'\"", " é='x'"];
    private static readonly string[] s_prolog =
    [
        "<?xml version='1.0'?>", "<?xml version=\"1.0\" encoding='UTF-8'?>", "<?xml encoding='utf-16'?>", "<?xml encoding = \"windows-1252\" ?>", "<?xml encoding='ISO-8859-'?>", "<?xml encoding='iso-8859-15'?>", "<?xml encoding='windows-1252x'?>", "<?xml ='1'?>", "<?xml?>", "<?XML ?>", "<?xml x?>",
        "\uFEFF", " ", "\r\n", "<!--c-->", "<?p ?>", "<?p\nq?>",
    ];
    private static readonly string[] s_pieces =
    [
        "<", ">", "</", "/>", "<!", "<!-", "<!--", "--", "-->", "--->", "<![", "<![CDATA[", "]]", "]]>", "<?", "?>", "?", "<!D", "<!DOCTYPE", "<?xml ", "'", "\"", "=", "&", "a", "/", "é", "\uFEFF", "\0", "\uFFFE",
        "</a>", "</ab>", "</a >", "</b", "<a", "<a>", "<ab/>", "<1>", "< a>", " ", "\n",
    ];

    private static readonly byte[] s_interesting = [.. "<>/\"'&?!-[]= x:1DC\n"u8, 0, 0x80, 0xC3, 0xEF, 0xBB, 0xBF, 0xFE];

    public static Variant Document(Random random)
    {
        XmlDocumentOptions options = new()
        {
            MaxDocumentLength = random.Next(3) == 0 ? random.Next(4, 60) : 1 << 20,
            MaxDepth = random.Next(3) == 0 ? random.Next(1, 4) : 256,
        };
        XmlReference reference = new(options.MaxDocumentLength, options.MaxDepth);
        return new Variant(
            $"XML documents of {options.MaxDocumentLength} bytes, {options.MaxDepth} deep", XmlFraming.Document(options),
            (stream, _) => reference.Decode(stream).Lines(stream),
            chance => Accidents.Happen(chance, Encoding.UTF8.GetBytes(Text(chance)), s_interesting));
    }

    public static Variant RawChunk(Random random) => new(
        "XML raw chunks", XmlFraming.RawChunk(),
        (stream, cutting) => [.. cutting.Of(stream.Length).Select((read, index) => Describe.Frame(index, read.Start.Value, stream.AsSpan(read))), Describe.Clean],
        chance => Encoding.UTF8.GetBytes(Text(chance)));

    private static string Text(Random random)
    {
        StringBuilder text = new();
        for (int documents = random.Next(1, 4); documents > 0; documents--)
        {
            while (random.Next(3) == 0)
                text.Append(Pick(random, s_prolog));
            if (random.Next(8) == 0)
            {
                for (int pieces = random.Next(1, 8); pieces > 0; pieces--)
                    text.Append(Pick(random, s_pieces));
            }

            Element(random, text, 1);
        }

        return text.ToString();
    }

    private static void Element(Random random, StringBuilder text, int depth)
    {
        string name = Pick(random, s_names);
        text.Append('<').Append(name);
        while (random.Next(3) == 0)
            text.Append(Pick(random, s_attributes));
        if (random.Next(3) == 0)
        {
            text.Append("/>");
            return;
        }

        text.Append('>');
        while (random.Next(5) < 3)
        {
            if (random.Next(3) == 0 && depth < 6)
                Element(random, text, depth + 1);
            else
                text.Append(Pick(random, random.Next(40) == 0 ? s_pieces : s_inside));
        }

        text.Append("</").Append(random.Next(40) == 0 ? Pick(random, s_names) : name).Append(random.Next(4) == 0 ? " >" : ">");
    }

    private static string Pick(Random random, string[] choices) => choices[random.Next(choices.Length)];
}
