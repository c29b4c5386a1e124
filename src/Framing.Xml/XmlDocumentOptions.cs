namespace Framing.Xml;

/// <summary>What can be chosen for XML document framing; validated by <see cref="XmlDocumentFraming"/>.</summary>
public sealed class XmlDocumentOptions
{
    /// <summary>The shortest document there is: <c>&lt;a/&gt;</c>.</summary>
    internal const int ShortestDocument = 4;

    /// <summary>The deepest nesting that can be allowed.</summary>
    internal const int DeepestNesting = 65_536;

    /// <summary>
    /// Longest legal document in bytes, from the first byte of its prolog to the end of its root element: 4 to <see cref="Array.MaxLength"/>; default 1 MiB.
    /// White space between documents and a byte order mark count nowhere.
    /// </summary>
    public int MaxDocumentLength { get; init; } = 1 << 20;

    /// <summary>Most elements open at once, the root and an empty element included: 1 to 65536; default 256.</summary>
    public int MaxDepth { get; init; } = 256;

    internal XmlDocumentOptions Validated()
    {
        if (MaxDocumentLength < ShortestDocument || MaxDocumentLength > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxDocumentLength), MaxDocumentLength,
                $"{nameof(MaxDocumentLength)} is {MaxDocumentLength}; it must be {ShortestDocument} to {Array.MaxLength}.");
        }

        if (MaxDepth is < 1 or > DeepestNesting)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxDepth), MaxDepth, $"{nameof(MaxDepth)} is {MaxDepth}; it must be 1 to {DeepestNesting}.");
        }

        return this;
    }
}
