namespace Framing.Binary;

/// <summary>What can be chosen for delimiter framing; validated by <see cref="DelimiterFraming"/>.</summary>
public sealed class DelimiterFramingOptions
{
    /// <summary>The most delimiters.</summary>
    internal const int MostDelimiters = 8;

    /// <summary>The longest delimiter in bytes.</summary>
    internal const int LongestDelimiter = 255;

    /// <summary>
    /// What ends a frame: 1 to 8 different delimiters of 1 to 255 bytes, any bytes; default CR LF and LF, so that frames are lines. Copied.
    /// A frame ends where the first delimiter has come to its end; where several end there (LF ends with CR LF), the longest of them is taken.
    /// One that could therefore never end a frame, because another is whole before it is, is refused.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Delimiters { get; init; } = [new byte[] { (byte)'\r', (byte)'\n' }, new byte[] { (byte)'\n' }];

    /// <summary>Most bytes of a frame before its delimiter: 1 to <see cref="Array.MaxLength"/> less the longest delimiter; default 8192.</summary>
    public int MaxPayloadLength { get; init; } = 8192;

    /// <summary>Whether a frame is delivered with the delimiter that ended it; default false: the payload alone.</summary>
    public bool KeepDelimiter { get; init; }

    /// <summary>
    /// Whether a delimiter that follows another at once is dropped; default false: it ends a frame with an empty payload.
    /// Those dropped count as no frame; they reset <c>IdleTimeout</c>, as every byte does.
    /// </summary>
    public bool SkipEmpty { get; init; }

    /// <summary>The framing's name in logs and tools; not empty; default <c>delimiter</c>.</summary>
    public string Name { get; init; } = "delimiter";

    internal DelimiterFramingOptions Validated()
    {
        if (Delimiters is not { Count: >= 1 and <= MostDelimiters })
        {
            throw new ArgumentException($"{nameof(Delimiters)} has {Delimiters?.Count ?? 0} delimiters; it must have 1 to {MostDelimiters}.", nameof(Delimiters));
        }

        for (int i = 0; i < Delimiters.Count; i++)
        {
            if (Delimiters[i].Length is < 1 or > LongestDelimiter)
            {
                throw new ArgumentException(
                    $"{nameof(Delimiters)}[{i}] has {Delimiters[i].Length} bytes; it must have 1 to {LongestDelimiter}.", nameof(Delimiters));
            }
        }

        for (int i = 0; i < Delimiters.Count; i++)
        {
            for (int other = 0; other < Delimiters.Count; other++)
            {
                if (other != i && NeverMatches(Delimiters[i].Span, Delimiters[other].Span))
                {
                    throw new ArgumentException(
                        $"{nameof(Delimiters)}[{i}] ({Convert.ToHexString(Delimiters[i].Span)}) can never end a frame: {nameof(Delimiters)}[{other}] ({Convert.ToHexString(Delimiters[other].Span)}) ends it first.",
                        nameof(Delimiters));
                }
            }
        }

        int longest = Delimiters.Max(delimiter => delimiter.Length);
        if (MaxPayloadLength < 1 || MaxPayloadLength > Array.MaxLength - longest)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxPayloadLength), MaxPayloadLength,
                $"{nameof(MaxPayloadLength)} is {MaxPayloadLength}; it must be 1 to {Array.MaxLength - longest}.");
        }

        return string.IsNullOrWhiteSpace(Name) ? throw new ArgumentException($"{nameof(Name)} is empty.", nameof(Name)) : this;
    }

    // The other one lies in it and ends before it does, or is the same.
    private static bool NeverMatches(ReadOnlySpan<byte> delimiter, ReadOnlySpan<byte> other)
    {
        int start = delimiter.IndexOf(other);
        return start >= 0 && (start + other.Length < delimiter.Length || start == 0);
    }
}
