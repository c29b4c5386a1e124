using System.Text;
using System.Xml;

namespace Framing.Properties.Xml;

/// <summary>What the platform's reader makes of bytes.</summary>
internal static class XmlJudge
{
    /// <summary>Whether they are one well-formed document.</summary>
    public static bool Accepts(ReadOnlySpan<byte> bytes)
    {
        // XML declarations are ASCII by their grammar; the reader can lose its place behind one that is not, and then accepts what is malformed.
        int declaration = bytes.StartsWith("<?xml"u8) && bytes.Length > 5 && bytes[5] <= (byte)' ' ? bytes.IndexOf("?>"u8) : -1;
        if (declaration > 0 && !Ascii.IsValid(bytes[..declaration]))
        {
            return false;
        }

        try
        {
            using XmlReader reader = XmlReader.Create(new MemoryStream(bytes.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            while (reader.Read())
            {
                // No character of US-ASCII, though the reader takes it for a question mark.
                if (reader.NodeType == XmlNodeType.XmlDeclaration && reader.GetAttribute("encoding") is { } encoding
                    && encoding.Equals("us-ascii", StringComparison.OrdinalIgnoreCase) && !Ascii.IsValid(bytes))
                {
                    return false;
                }
            }

            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    /// <summary>Length of the shortest prefix that is a well-formed document: there the root element ends. Null when there is none.</summary>
    public static int? DocumentEnd(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '>' && Accepts(bytes[..(i + 1)]))
            {
                return i + 1;
            }
        }

        return null;
    }
}
