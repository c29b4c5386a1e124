namespace Framing.Testing.Proving;

/// <summary>
/// The cuttings that a stream is tried in. Up to 16 bytes: all 2^(n-1). Longer: in one read, in reads of 1, 2, 3, 7 and 37 bytes, every one cut and
/// every two cuts, as far as <see cref="BytesOfAKind"/> bytes go for each; of a stream too long for that, the places around the frames' ends and
/// others spread evenly.
/// </summary>
internal static class Cuttings
{
    public const int AllCuttings = 16;
    public const int MostCuts = 4096;
    public const int MostPairedCuts = 256;
    public const long BytesOfAKind = 16 << 20;

    private const int NearOneEnd = 5;

    public static IEnumerable<int[]> Of(int length, IReadOnlyList<FoundFrame> frames)
    {
        yield return [];
        if (length <= AllCuttings)
        {
            for (int mask = 1; mask < 1 << Math.Max(0, length - 1); mask++)
            {
                yield return [.. Enumerable.Range(1, length - 1).Where(cut => (mask >> (cut - 1) & 1) != 0)];
            }

            yield break;
        }

        foreach (int cut in Places(length, MostCuts, frames))
        {
            yield return [cut];     // first: what one cut finds needs no shrinking
        }

        int[] sizes = [1, 2, 3, 7, 37];
        foreach (int size in sizes)
        {
            yield return Every(size, length);
        }

        long pairs = BytesOfAKind / length;
        int[] paired = Places(length, (int)Math.Clamp(Math.Sqrt(2 * pairs), 2, MostPairedCuts), frames);
        for (int i = 0; i < paired.Length; i++)
        {
            for (int j = i + 1; j < paired.Length; j++)
            {
                yield return [paired[i], paired[j]];
            }
        }
    }

    /// <summary>Reads of one size.</summary>
    public static int[] Every(int size, int length) => [.. Enumerable.Range(1, Math.Max(0, (length - 1) / size)).Select(i => i * size)];

    /// <summary>Places to cut at: all of them when they are at most so many and cost no more than they may; else those near frames' ends, and others spread evenly.</summary>
    public static int[] Places(int length, int most, IReadOnlyList<FoundFrame> frames)
    {
        most = (int)Math.Min(most, Math.Max(2, BytesOfAKind / Math.Max(1, length)));
        if (length - 1 <= most)
        {
            return [.. Enumerable.Range(1, Math.Max(0, length - 1))];
        }

        // Of many frames one in so many, the last among them: what goes wrong may do so late.
        int some = Math.Max(1, most / 2 / NearOneEnd), every = (frames.Count + some - 1) / some;
        IEnumerable<int> near = frames.Where((_, i) => (frames.Count - 1 - i) % every == 0).SelectMany(frame => Enumerable.Range((int)frame.End - 2, NearOneEnd)).Take(most / 2);
        IEnumerable<int> spread = Enumerable.Range(1, most / 2).Select(i => (int)((long)length * i / ((most / 2) + 1)));
        return [.. near.Concat(spread).Where(cut => cut > 0 && cut < length).Distinct().Order()];
    }
}
