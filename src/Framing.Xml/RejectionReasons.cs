using Iocp.Core;

namespace Framing.Xml;

/// <summary>
/// Every <see cref="FrameRejection.Reason"/> that XML framing gives. Where nothing else is said, the field names the construct in which the
/// rule was broken (<c>comment</c>, <c>end tag</c>), and the value is the offset of the byte that broke it, counted from the document's first byte.
/// </summary>
public static class RejectionReasons
{
    /// <summary>A NUL, a byte order mark of UTF-16 or UTF-32, a declared encoding in which markup is not ASCII, or a byte beyond 0x7F where US-ASCII is declared; then the field is <c>US-ASCII</c>.</summary>
    public const string EncodingNotSupported = nameof(EncodingNotSupported);

    /// <summary>Something else than white space, comments and processing instructions stands before the root element.</summary>
    public const string ContentBeforeRoot = nameof(ContentBeforeRoot);

    /// <summary>There is a DOCTYPE: it could define entities.</summary>
    public const string DoctypeNotAllowed = nameof(DoctypeNotAllowed);

    /// <summary>An end tag names another element than the one that is open, or none is open.</summary>
    public const string UnmatchedEndTag = nameof(UnmatchedEndTag);

    /// <summary>Markup that no XML document has.</summary>
    public const string MalformedMarkup = nameof(MalformedMarkup);

    /// <summary>The document does not end within MaxDocumentLength bytes, which is the limit; there is no field and no value.</summary>
    public const string DocumentTooLong = nameof(DocumentTooLong);

    /// <summary>More elements are open than MaxDepth, which is the limit; the value is how many, and there is no field.</summary>
    public const string TooDeep = nameof(TooDeep);

    /// <summary>On send: the data ends inside a document; the value is how many bytes of it there are, and there is no field.</summary>
    public const string TruncatedFrame = nameof(TruncatedFrame);

    /// <summary>On send: there is nothing in the data; for documents, nothing but white space.</summary>
    public const string EmptyData = nameof(EmptyData);
}
