using System.Text;
using System.Text.RegularExpressions;

namespace Framing.Properties.Xml;

/// <summary>Comments, CDATA sections, instructions and declarations.</summary>
public sealed partial class XmlReference
{
    private void Declaration(bool insideRoot)
    {
        _at++;
        string keyword = Peek() switch { '-' => "--", '[' => "[CDATA[", 'D' => "DOCTYPE", _ => "" };
        if (keyword.Length == 0)
        {
            Malformed("declaration");
        }

        for (int i = 0; i < keyword.Length; i++)
        {
            if (Peek() != keyword[i])
            {
                Malformed("declaration");
            }

            // What the whole keyword means is known with its last byte.
            if (i == keyword.Length - 1 && keyword == "DOCTYPE")
            {
                Refuse("DoctypeNotAllowed", "DOCTYPE");
            }

            if (i == keyword.Length - 1 && keyword == "[CDATA[" && !insideRoot)
            {
                Refuse("ContentBeforeRoot", "CDATA section");
            }

            _at++;
        }

        string construct = keyword == "--" ? "comment" : "CDATA section";
        string end = keyword == "--" ? "--" : "]]>";
        TakeUntil(end, construct);
        if (keyword == "--")
        {
            Expect('>', "comment");
        }
    }

    private void Instruction(int markup)
    {
        _at++;
        if (!IsNameStart(Peek()))
        {
            Malformed("processing instruction");
        }

        string target = TakeName();
        char next = Peek();
        bool first = markup == _start && target == "xml";
        if (!first && target.Equals("xml", StringComparison.OrdinalIgnoreCase))
        {
            Malformed("XML declaration");
        }

        if (next == '?')
        {
            _at++;
            if (Peek() != '>')
            {
                Malformed("processing instruction");
            }

            _at++;
        }
        else if (IsSpace(next))
        {
            TakeUntil("?>", "processing instruction");
        }
        else
        {
            Malformed("processing instruction");
        }

        if (first)
        {
            _at--;
            XmlDeclaration(Encoding.Latin1.GetString(_stream[(_start + "<?xml".Length)..(_at - 1)]));
            _at++;
        }
    }

    private void XmlDeclaration(string attributes)
    {
        if (attributes.Any(c => c > 0x7F))
        {
            Refuse("MalformedMarkup", "XML declaration");
        }

        while ((attributes = attributes.TrimStart(' ', '\t', '\r', '\n')).Length > 0)
        {
            string[] parts = attributes.Split('=', 2);
            string name = parts[0].TrimEnd(' ', '\t', '\r', '\n');
            string rest = parts.Length < 2 ? "" : parts[1].TrimStart(' ', '\t', '\r', '\n');
            if (name.Length == 0 || !name.All(IsName) || rest.Length == 0 || rest[0] is not ('"' or '\'') || rest.IndexOf(rest[0], 1) < 0)
            {
                Refuse("MalformedMarkup", "XML declaration");
            }

            string value = rest[1..rest.IndexOf(rest[0], 1)].ToUpperInvariant();
            _isAscii |= name == "encoding" && value == "US-ASCII";
            if (name == "encoding" && !Regex.IsMatch(value, @"\A(UTF-?8|US-ASCII|ISO-8859-[0-9]{1,2}|WINDOWS-125[0-9])\z", RegexOptions.None, Timeout.InfiniteTimeSpan))
            {
                Refuse("EncodingNotSupported", "XML declaration");
            }

            attributes = rest[(value.Length + 2)..];
        }
    }

    private void TakeUntil(string end, string construct)
    {
        int begin = _at;
        do
        {
            if (Peek() == '\0')
            {
                Malformed(construct);
            }

            _at++;
        }
        while (_at - begin < end.Length || Encoding.Latin1.GetString(_stream[(_at - end.Length).._at]) != end);
    }
}
