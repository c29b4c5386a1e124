namespace Framing.Properties;

/// <summary>What this thread allocates.</summary>
internal static class Allocation
{
    /// <summary>Bytes of the round that takes fewest: the first fill the pools, and let the runtime compile what it wants to.</summary>
    public static long Least(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
