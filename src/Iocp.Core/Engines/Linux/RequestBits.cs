namespace Iocp.Core.Engines.Linux;

/// <summary>
/// What is asked of an <see cref="IWorkItem"/>: bits that any thread sets, and its worker takes all at once. The first that is set since they were taken queues
/// it to its worker, so that it waits there once. A mutable struct: keep it in a field that is not readonly.
/// </summary>
internal struct RequestBits
{
    private const int Posted = 1 << 31;

    private int _bits;

    /// <summary>Sets bits, and queues the item unless it waits already; any thread.</summary>
    public void Post(int bits, Worker worker, IWorkItem item)
    {
        int before = Interlocked.Or(ref _bits, bits | Posted);
        if ((before & Posted) != 0)
        {
            return;
        }

        for (BackOff backOff = new(); ; Thread.Sleep(backOff.Next()))
        {
            try
            {
                worker.Post(item);
                return;
            }
            catch (OutOfMemoryException)
            {
                // For its place in the queue. Whoever asks for something next queues it; but who has asked for something else meanwhile was told that it is queued.
                int set = before | bits | Posted;
                if (Interlocked.CompareExchange(ref _bits, set & ~Posted, set) == set)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Takes all but those that stay; before they are seen to: a bit that is set from here on queues the item again.</summary>
    public int Take(int staying = 0) => Interlocked.And(ref _bits, staying) & ~Posted;

    /// <summary>Sets bits for which the item is not queued.</summary>
    public void Keep(int bits) => Interlocked.Or(ref _bits, bits);
}
