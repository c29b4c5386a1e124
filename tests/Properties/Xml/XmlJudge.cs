using System.Xml;

namespace Framing.Properties.Xml;

/// <summary>What the platform's reader makes of bytes.</summary>
internal static class XmlJudge
{
    /// <summary>Whether they are one well-formed document.</summary>
    public static bool Accepts(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(new MemoryStream(bytes.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (Exception exception) when (exception is XmlException or ArgumentOutOfRangeException)
        {
            // The second is a mistake of the reader: it throws that for a byte that is no UTF-8 in the declaration of a short document.
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
