using System.Text;

namespace Framing.Properties.Xml;

/// <summary>Writes one well-formed document full of what misleads a scanner; a seed and a size decide everything.</summary>
internal sealed class XmlText(int seed, int size)
{
    private static readonly string[] s_names = ["a", "b", "root", "item", "_x", "a-b.c1", "élan", "名前", "имя", "A9", "ab", "abc"];
    private static readonly string[] s_space = [" ", "\n", "\t", "\r\n", "  ", " \t\n "];
    private static readonly string[] s_text = ["text", ">", "\"", "'", "/", "/>", "&amp;", "&#x20AC;", "&lt;a&gt;", "]] ", "] ", "--", "?", "💡", "ünï", "=", " ", "\r\n", "-->", "?>"];
    private static readonly string[] s_data = ["]]", "]", ">", "<x>", "</a>", "--", "&", "<![CDATA[", "]]>", "é", "'", "\"", "<!--", "?>", "\n"];
    private static readonly string[] s_comment = ["<b>", "</a>", "&", "]]>", "?>", "x-y", " - ", "<!", "\"", "'", "é", "\n", "->"];
    private static readonly string[] s_instruction = ["?", ">", "<", "<a>", "</a>", "\"", "'", "-->", "]]>", "é", " ", "x"];
    private static readonly string[] s_value = [">", "/>", "/", "]]>", "-->", "?>", "&lt;", "&#10;", "é", "x", " ", "=", "💡", "\n"];

    private readonly Random _random = new(seed);
    private readonly StringBuilder _text = new();
    private int _budget = size;

    public static byte[] Document(int seed, int size) => new XmlText(seed, size).Write();

    private byte[] Write()
    {
        if (Chance(2))
        {
            string quote = Quote();
            _text.Append("<?xml").Append(Space()).Append($"version{Gap()}={Gap()}{quote}1.0{quote}");
            if (Chance(2))
            {
                quote = Quote();
                _text.Append(Space()).Append($"encoding{Gap()}={Gap()}{quote}{Pick("UTF-8", "utf-8")}{quote}");
            }

            _text.Append(Gap()).Append("?>");
        }

        while (Chance(3))
        {
            // White space before the first markup would belong to no document.
            _text.Append(_text.Length > 0 ? Gap() : "");
            Other(inside: false);
        }

        _text.Append(_text.Length > 0 ? Gap() : "");
        Element(1);
        string text = _text.ToString();
        return Encoding.UTF8.GetBytes(Ascii.IsValid(text) ? text.Replace("utf-8", "us-ascii", StringComparison.Ordinal) : text);
    }

    private void Element(int depth)
    {
        string name = Pick(s_names);
        _text.Append('<').Append(name);
        for (int i = 0; Chance(3); i++)
        {
            string quote = Quote();
            _text.Append(Space()).Append($"{Pick(s_names)}{i}{Gap()}={Gap()}{quote}{Pieces(s_value)}{(quote == "\"" ? "'" : "\"")}{quote}");
        }

        _text.Append(Gap());
        if (Chance(4))
        {
            _text.Append("/>");
            return;
        }

        _text.Append('>');
        while (_budget-- > 0 && !Chance(4))
        {
            switch (_random.Next(5))
            {
                case 0 or 1 when depth < 100:
                    Element(depth + 1);
                    break;
                case 2:
                    Other(inside: true);
                    break;
                default:
                    _text.Append(Pieces(s_text).Replace("]]>", "]] >", StringComparison.Ordinal)).Append(' ');
                    break;
            }
        }

        _text.Append("</").Append(name).Append(Gap()).Append('>');
    }

    private void Other(bool inside)
    {
        switch (_random.Next(inside ? 3 : 2))
        {
            case 0:
                _text.Append("<!--").Append(Pieces(s_comment)).Append("-->");
                break;
            case 1:
                string content = Pieces(s_instruction).Replace("?>", "? >", StringComparison.Ordinal);
                _text.Append("<?").Append(Pick("pi", "xml-stylesheet", "p.1", "ünï")).Append(content.Length > 0 ? Space() + content : "").Append("?>");
                break;
            default:
                _text.Append("<![CDATA[").Append(Pieces(s_data).Replace("]]>", "]] >", StringComparison.Ordinal)).Append("]]>");
                break;
        }
    }

    private string Pieces(string[] choices) => string.Concat(Enumerable.Range(0, _random.Next(6)).Select(_ => Pick(choices)));

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    private string Quote() => Pick("\"", "'");

    private string Space() => Pick(s_space);

    private string Gap() => Chance(2) ? "" : Space();

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;
}
