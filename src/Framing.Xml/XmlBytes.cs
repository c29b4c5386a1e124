using System.Buffers;

namespace Framing.Xml;

/// <summary>
/// Classes of bytes. Every byte of a character beyond ASCII is 0x80 or more, in UTF-8 and in all single-byte encodings, and counts as a letter:
/// which of those characters a name may have is for the reader to say.
/// </summary>
internal static class XmlBytes
{
    public static ReadOnlySpan<byte> WhitespaceBytes => " \t\r\n"u8;

    public static SearchValues<byte> Whitespace { get; } = SearchValues.Create(WhitespaceBytes);

    public static SearchValues<byte> NameStart { get; } = SearchValues.Create([.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:"u8, .. BeyondAscii()]);

    public static SearchValues<byte> Name { get; } = SearchValues.Create([.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:0123456789-."u8, .. BeyondAscii()]);

    /// <summary>What means something inside a start tag, and what must not be there.</summary>
    public static SearchValues<byte> InsideTag { get; } = SearchValues.Create("\"'/><\0"u8);

    private static byte[] BeyondAscii() => [.. Enumerable.Range(0x80, 0x80).Select(value => (byte)value)];
}
