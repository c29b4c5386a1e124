using Iocp.Core;

namespace Framing.Xml;

/// <summary>Ways to find XML in a stream.</summary>
public static class XmlFraming
{
    /// <summary>
    /// Raw chunks: each completed read is one frame, as it came, never empty. The frames of a connection, put end to end, are its stream;
    /// where they are cut says nothing. On send everything but empty data is allowed.
    /// </summary>
    public static IFraming RawChunk() => new RawChunkFraming();

    /// <summary>Documents: each frame is one complete XML document, prolog included, however the network cuts it.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; the message names it, its value and the range.</exception>
    public static XmlDocumentFraming Document(XmlDocumentOptions? options = null) => new(options);
}
