using System.Buffers;

namespace Framing.Binary;

/// <summary>
/// The delimiters as one automaton (Aho and Corasick, "Efficient string matching", 1975). A state says which beginning of a delimiter the bytes so far end with, the longest
/// one; so each byte is looked at once, whatever the delimiters have in common and wherever the stream is cut. Immutable: one for all connections.
/// </summary>
/// <remarks>
/// No delimiter contains another except as its end (<see cref="DelimiterFramingOptions"/> sees to it). So a state in which a delimiter is whole is
/// the state of that delimiter, and the longest of those that end there: its depth is the delimiter's length.
/// </remarks>
internal sealed class DelimiterAutomaton
{
    /// <summary>No delimiter has begun.</summary>
    public const int Start = 0;

    // Bytes that the delimiters tell apart, numbered; all others share the last number. It keeps the table small: 4 rows of 3 for CR LF and LF.
    private readonly byte[] _class = new byte[256];
    private readonly ushort[] _next;        // row: state, column: class
    private readonly byte[] _depth;
    private readonly bool[] _whole;
    private readonly int _classes;

    public DelimiterAutomaton(IReadOnlyList<ReadOnlyMemory<byte>> delimiters)
    {
        byte[] alphabet = [.. delimiters.SelectMany(delimiter => delimiter.ToArray()).Distinct()];
        Array.Fill(_class, (byte)Math.Min(alphabet.Length, 255));
        for (int i = 0; i < alphabet.Length; i++)
        {
            _class[alphabet[i]] = (byte)i;
        }

        _classes = Math.Min(alphabet.Length + 1, 256);
        int states = 1 + delimiters.Sum(delimiter => delimiter.Length);
        _next = new ushort[states * _classes];
        _depth = new byte[states];
        _whole = new bool[states];
        FirstBytes = SearchValues.Create([.. delimiters.Select(delimiter => delimiter.Span[0])]);
        MaxLength = delimiters.Max(delimiter => delimiter.Length);
        AddWords(delimiters);
        AddFallbacks();
    }

    /// <summary>The bytes with which <see cref="Start"/> is left.</summary>
    public SearchValues<byte> FirstBytes { get; }

    /// <summary>Length of the longest delimiter in bytes.</summary>
    public int MaxLength { get; }

    public int Next(int state, byte value) => _next[(state * _classes) + _class[value]];

    /// <summary>How many of the last bytes may belong to a delimiter.</summary>
    public int Depth(int state) => _depth[state];

    /// <summary>Whether those bytes are a delimiter.</summary>
    public bool IsWhole(int state) => _whole[state];

    // The tree of all beginnings. 0 is no edge yet, since none leads back to the start.
    private void AddWords(IReadOnlyList<ReadOnlyMemory<byte>> delimiters)
    {
        int states = 1;
        foreach (ReadOnlyMemory<byte> delimiter in delimiters)
        {
            int state = Start;
            foreach (byte value in delimiter.Span)
            {
                ref ushort next = ref _next[(state * _classes) + _class[value]];
                if (next == Start)
                {
                    next = (ushort)states++;
                    _depth[next] = (byte)(_depth[state] + 1);
                }

                state = next;
            }

            _whole[state] = true;
        }
    }

    // Breadth first: where a state has no edge of its own it goes where its longest proper end goes, which is nearer to the start and so complete.
    private void AddFallbacks()
    {
        var ends = new ushort[_depth.Length];
        Queue<int> states = new([Start]);
        while (states.TryDequeue(out int state))
        {
            for (int value = 0; value < _classes; value++)
            {
                ref ushort next = ref _next[(state * _classes) + value];
                ushort fallback = state == Start ? (ushort)Start : _next[(ends[state] * _classes) + value];
                if (next == Start)
                {
                    next = fallback;
                }
                else
                {
                    ends[next] = fallback;
                    states.Enqueue(next);
                }
            }
        }
    }
}
