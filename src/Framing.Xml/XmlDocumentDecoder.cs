using Iocp.Core;

namespace Framing.Xml;

/// <summary>One connection's scanner. It is a structure, so that a check of outgoing data has one of its own without allocating.</summary>
internal sealed class XmlDocumentDecoder(int maxLength, int maxDepth) : IFrameDecoder, IDisposable
{
    private DocumentScanner _scanner = new(maxLength, maxDepth);

    public DecodeResult Decode(ReadOnlySpan<byte> unread) => _scanner.Decode(unread);

    public void Dispose() => _scanner.Dispose();
}
