using Iocp.Core;

namespace Framing.Xml;

/// <summary>
/// Frames that are complete XML documents in UTF-8, found by one forward scan. A document begins with its prolog and ends with its root's end
/// tag: comments and processing instructions behind it are already the prolog of the next one. White space between documents, and a UTF-8 byte
/// order mark in front of one, belong to no frame. Immutable; may be used by several listeners and from any thread.
/// </summary>
/// <remarks>
/// The scan finds the end of the document and refuses what cannot be one, each with a reason of <see cref="RejectionReasons"/>. It does
/// not judge everything: characters, references, the form of attributes and their uniqueness are left to the reader (<c>XmlReader</c>) of the frame.
/// An XML declaration may name UTF-8, US-ASCII, ISO-8859-n or windows-125n, in all of which markup is the same bytes; every other encoding is refused.
/// </remarks>
public sealed class XmlDocumentFraming : IFraming
{
    /// <summary>Takes over the options.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; the message names it, its value and the range.</exception>
    public XmlDocumentFraming(XmlDocumentOptions? options = null)
    {
        options = (options ?? new XmlDocumentOptions()).Validated();
        MaxDocumentLength = options.MaxDocumentLength;
        MaxDepth = options.MaxDepth;
    }

    /// <inheritdoc/>
    public string Name => "xml-document";

    /// <summary>Longest legal document in bytes.</summary>
    public int MaxDocumentLength { get; }

    /// <summary>Most elements open at once.</summary>
    public int MaxDepth { get; }

    /// <inheritdoc/>
    public int MaxFrameLength => MaxDocumentLength;

    /// <inheritdoc/>
    public IFrameDecoder CreateDecoder() => new XmlDocumentDecoder(MaxDocumentLength, MaxDepth);

    /// <summary>Data must be one or more whole legal documents, each with a byte order mark in front of it or without, and with white space around them or without.</summary>
    /// <param name="data">All bytes of one send.</param>
    /// <returns>
    /// Null, or what is wrong with the first illegal document; its <see cref="FrameRejection.StreamOffset"/> and
    /// <see cref="FrameRejection.FrameIndex"/> are counted from the beginning of <paramref name="data"/>.
    /// </returns>
    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data)
    {
        var scanner = new DocumentScanner(MaxDocumentLength, MaxDepth);
        try
        {
            int index = 0;
            int mark = 0;
            for (int offset = 0; offset < data.Length;)
            {
                mark = scanner.IsBehindMark ? mark : offset;
                DecodeResult result = scanner.Decode(data[offset..]);
                if (result.Consumed == 0)
                {
                    FrameRejection rejection = result.Rejection ?? new FrameRejection(RejectionReasons.TruncatedFrame, Value: data.Length - offset);
                    return rejection with { StreamOffset = offset, FrameIndex = index };
                }

                index += result.Status == DecodeStatus.Frame ? 1 : 0;
                offset += result.Consumed;
            }

            if (index > 0 && scanner.IsBehindMark)
            {
                // The next send may begin with one too, and two are none.
                return new FrameRejection(RejectionReasons.TruncatedFrame, Value: data.Length - mark) { StreamOffset = mark, FrameIndex = index };
            }

            return index > 0 ? null : new FrameRejection(RejectionReasons.EmptyData);
        }
        finally
        {
            scanner.Dispose();
        }
    }
}
