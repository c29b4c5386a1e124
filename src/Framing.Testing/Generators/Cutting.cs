namespace Framing.Testing;

/// <summary>How the network cuts a stream into reads: sizes in turn, over and over, so that it fits a stream of any length. Immutable.</summary>
public sealed class Cutting
{
    private const int Rest = int.MaxValue;

    private readonly int[] _sizes;

    /// <summary>Reads of these sizes in turn, over and over.</summary>
    /// <param name="sizes">At least one; bytes, each at least 1.</param>
    /// <exception cref="ArgumentException">There is none, or one is less than 1.</exception>
    public Cutting(params ReadOnlySpan<int> sizes)
    {
        _sizes = sizes.ToArray();
        if (_sizes.Length == 0)
        {
            throw new ArgumentException("There is no size; there must be at least one.", nameof(sizes));
        }

        if (_sizes.AsSpan().IndexOfAnyInRange(int.MinValue, 0) is >= 0 and var wrong)
        {
            throw new ArgumentException($"sizes[{wrong}] is {_sizes[wrong]}; a read must have at least 1 byte.", nameof(sizes));
        }
    }

    /// <summary>The whole stream in one read.</summary>
    public static Cutting Whole { get; } = new(Rest);

    /// <summary>Each byte in a read of its own.</summary>
    public static Cutting ByteByByte { get; } = new(1);

    /// <summary>The sizes, in bytes; where it was made by <see cref="At"/> the last one is <see cref="int.MaxValue"/>.</summary>
    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>Cuts at these places only.</summary>
    /// <param name="places">Offsets in the stream, in any order; those below 1 cut nothing. None: the whole stream in one read.</param>
    public static Cutting At(IEnumerable<int> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        int[] ascending = [.. places.Where(place => place > 0).Distinct().Order()];
        return new([.. ascending.Zip(ascending.Prepend(0), (end, start) => end - start), Rest]);
    }

    /// <summary>The reads of a stream of this length; none is empty.</summary>
    /// <param name="length">In bytes, 0 or more.</param>
    public IEnumerable<Range> Of(int length)
    {
        for (int start = 0, i = 0; start < length; i++)
        {
            int end = start + Math.Min(_sizes[i % _sizes.Length], length - start);
            yield return start..end;
            start = end;
        }
    }

    /// <summary>The reads of these bytes; none is empty.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Of(ReadOnlyMemory<byte> bytes) => Of(bytes.Length).Select(range => bytes[range]);

    /// <summary>Simpler ones, the simplest first: one read, fewer cuts, smaller reads.</summary>
    public IEnumerable<Cutting> Shrink()
    {
        if (_sizes is [Rest])
        {
            yield break;
        }

        yield return Whole;
        for (int run = _sizes.Length / 2; run > 0; run /= 2)
        {
            for (int at = 0; at + run < _sizes.Length; at += run)
            {
                long joined = _sizes[at..(at + run + 1)].Sum(size => (long)size);
                yield return new([.. _sizes[..at], (int)Math.Min(joined, Rest), .. _sizes[(at + run + 1)..]]);
            }
        }

        for (int i = 0; i < _sizes.Length; i++)
        {
            if (_sizes[i] is > 1 and not Rest)
            {
                yield return new([.. _sizes[..i], _sizes[i] / 2, .. _sizes[(i + 1)..]]);
            }
        }
    }

    /// <summary>As <see cref="Shrink()"/>, and then the very cuts of a stream of this length, of which each can be left out.</summary>
    internal IEnumerable<Cutting> Shrink(int length)
        => _sizes[^1] == Rest ? Shrink() : Shrink().Append(At(Of(length).Select(range => range.Start.Value)));

    /// <summary>The sizes in words.</summary>
    public override string ToString() => _sizes switch
    {
        [Rest] => "in one read",
        [1] => "byte by byte",
        [.. int[] first, Rest] => $"in reads of {string.Join(", ", first)} bytes and the rest",
        _ => $"in reads of {string.Join(", ", _sizes)}, ... bytes",
    };
}
