namespace Framing.Testing.Proving;

/// <summary>Makes a case that fails smaller, as long as it fails in the same way.</summary>
internal static class Shrinking
{
    /// <summary>Leaves cuts out, in ever smaller runs, until no single one can be left out.</summary>
    public static int[] Cuts(int[] cuts, Func<int[], bool> stillFails)
    {
        for (int run = Math.Max(1, cuts.Length); run > 0; run /= 2)
        {
            for (int at = 0; at < cuts.Length;)
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
        int tries = 4096;       // each costs two runs of the stream
        for (int run = Math.Max(1, bytes.Length / 2); run > 0; run /= 2)
        {
            for (int at = 0; at < bytes.Length && tries-- > 0;)
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

        return (bytes, Cuts(cuts, fewer => stillFails(bytes, fewer)));
    }
}
