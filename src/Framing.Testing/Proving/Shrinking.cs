namespace Framing.Testing.Proving;

/// <summary>Makes a case that fails smaller, as long as it fails in the same way. Bounded by the bytes decoded for it: seconds, also for a long stream.</summary>
internal static class Shrinking
{
    private const long MostBytes = 256 << 20;
    private const long LeastBytes = MostBytes / 4096;      // a try of a short stream costs this much anyway

    /// <summary>Leaves cuts of a stream of this length out, in ever smaller runs, until no single one can be left out.</summary>
    public static int[] Cuts(int length, int[] cuts, Func<int[], bool> stillFails)
    {
        long left = MostBytes;
        for (int run = Math.Max(1, cuts.Length); run > 0; run /= 2)
        {
            for (int at = 0; at < cuts.Length && Spend(ref left, length);)
            {
                int[] fewer = [.. cuts[..at], .. cuts[Math.Min(cuts.Length, at + run)..]];
                if (stillFails(fewer))
                {
                    cuts = fewer;
                }
                else
                {
                    at += run;
                }
            }
        }

        return cuts;
    }

    /// <summary>Leaves bytes out of the stream, each with the cut behind it, and then cuts.</summary>
    public static (byte[] Bytes, int[] Cuts) Stream(byte[] bytes, int[] cuts, Func<byte[], int[], bool> stillFails)
    {
        long left = MostBytes;
        for (int run = Math.Max(1, bytes.Length / 2); run > 0; run /= 2)
        {
            for (int at = 0; at < bytes.Length && Spend(ref left, bytes.Length);)
            {
                int end = Math.Min(bytes.Length, at + run);
                byte[] fewer = [.. bytes[..at], .. bytes[end..]];
                int[] moved = [.. cuts.Select(cut => cut <= at ? cut : Math.Max(at, cut - (end - at))).Where(cut => cut > 0 && cut < fewer.Length).Distinct()];
                if (stillFails(fewer, moved))
                {
                    (bytes, cuts) = (fewer, moved);
                }
                else
                {
                    at += run;
                }
            }
        }

        return (bytes, Cuts(bytes.Length, cuts, fewer => stillFails(bytes, fewer)));
    }

    // A try decodes the stream twice: in one read, and cut.
    private static bool Spend(ref long left, int length) => (left -= Math.Max(LeastBytes, 2L * length)) >= 0;
}
