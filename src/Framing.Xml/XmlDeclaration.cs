using System.Text;

namespace Framing.Xml;

/// <summary>The XML declaration, looked at once, when it is whole, for the encoding it names.</summary>
internal static class XmlDeclaration
{
    private static ReadOnlySpan<byte> Start => "<?xml"u8;

    private static ReadOnlySpan<byte> End => "?>"u8;

    private static ReadOnlySpan<byte> UsAscii => "us-ascii"u8;

    /// <summary>Whether the document's first bytes are a declaration, and not an instruction whose name is only longer. Its end must be there.</summary>
    public static bool Begins(ReadOnlySpan<byte> document)
        => document.StartsWith(Start) && !XmlBytes.Name.Contains(document[Start.Length]);

    /// <summary>Null, or the reason to refuse the declaration.</summary>
    /// <param name="declaration">From <c>&lt;?xml</c> to <c>?&gt;</c>.</param>
    /// <param name="isAscii">Whether it names US-ASCII, in which a byte from 0x80 on is nothing: .NET reads it as a question mark.</param>
    public static string? Judge(ReadOnlySpan<byte> declaration, out bool isAscii)
    {
        isAscii = false;

        // The grammar has nothing but ASCII there; and .NET's XmlReader, which switches encodings behind it, can lose its place on other bytes.
        if (!Ascii.IsValid(declaration))
        {
            return RejectionReasons.MalformedMarkup;
        }

        ReadOnlySpan<byte> rest = declaration[Start.Length..^End.Length];
        while (true)
        {
            rest = rest.TrimStart(XmlBytes.WhitespaceBytes);
            if (rest.IsEmpty)
            {
                return null;
            }

            int equals = rest.IndexOf((byte)'=');
            if (equals < 0)
            {
                return RejectionReasons.MalformedMarkup;
            }

            ReadOnlySpan<byte> name = rest[..equals].TrimEnd(XmlBytes.WhitespaceBytes);
            rest = rest[(equals + 1)..].TrimStart(XmlBytes.WhitespaceBytes);
            if (name.IsEmpty || name.ContainsAnyExcept(XmlBytes.Name) || rest.IsEmpty || rest[0] is not ((byte)'"' or (byte)'\''))
            {
                return RejectionReasons.MalformedMarkup;
            }

            int length = rest[1..].IndexOf(rest[0]);
            if (length < 0)
            {
                return RejectionReasons.MalformedMarkup;
            }

            if (name.SequenceEqual("encoding"u8))
            {
                ReadOnlySpan<byte> encoding = rest.Slice(1, length);
                isAscii |= Ascii.EqualsIgnoreCase(encoding, UsAscii);
                if (!IsSupported(encoding))
                {
                    return RejectionReasons.EncodingNotSupported;
                }
            }

            rest = rest[(length + 2)..];
        }
    }

    // Encodings in which a byte below 0x80 is always that ASCII character, and no other byte is one. It is not so in UTF-16, EBCDIC, the ISO-2022 family, Shift_JIS, GBK, Big5.
    private static bool IsSupported(ReadOnlySpan<byte> encoding)
        => Ascii.EqualsIgnoreCase(encoding, "utf-8"u8)
            || Ascii.EqualsIgnoreCase(encoding, "utf8"u8)
            || Ascii.EqualsIgnoreCase(encoding, UsAscii)
            || IsNumbered(encoding, "iso-8859-"u8, maxDigits: 2)
            || IsNumbered(encoding, "windows-125"u8, maxDigits: 1);

    private static bool IsNumbered(ReadOnlySpan<byte> encoding, ReadOnlySpan<byte> prefix, int maxDigits)
    {
        int digits = encoding.Length - prefix.Length;
        return digits >= 1 && digits <= maxDigits && Ascii.EqualsIgnoreCase(encoding[..prefix.Length], prefix) && !encoding[prefix.Length..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
