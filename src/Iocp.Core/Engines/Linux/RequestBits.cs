namespace Iocp.Core.Engines.Linux;

/// <summary>
/// What is asked of an <see cref="IWorkItem"/>: bits that any thread sets, and its worker takes all at once. The first that is set since they were taken queues
/// it to its worker, so that it waits there once. A mutable struct: keep it in a field that is not readonly.
/// </summary>
internal struct RequestBits
{
    private const int Posted = 1 << 31;
    private const int Relied = 1 << 30;     // somebody else was told that the item is queued

    private int _bits;

    /// <summary>Sets bits, and queues the item unless it waits already; any thread.</summary>
    public void Post(int bits, Worker worker, IWorkItem item)
    {
        if (!Set(bits))
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
                // For its place in the queue. Whoever asks for something next queues it; but who has asked meanwhile will not ask again.
                if (TryUnset())
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Takes all but those that stay; before they are seen to: a bit that is set from here on queues the item again.</summary>
    public int Take(int staying = 0) => Interlocked.And(ref _bits, staying) & ~(Posted | Relied);

    /// <summary>Sets bits for which the item is not queued.</summary>
    public void Keep(int bits) => Interlocked.Or(ref _bits, bits);

    // False: somebody has queued the item, or is about to.
    private bool Set(int bits)
    {
        int seen, set;
        do
        {
            seen = Volatile.Read(ref _bits);
            set = seen | bits | ((seen & Posted) == 0 ? Posted : Relied);
        }
        while (Interlocked.CompareExchange(ref _bits, set, seen) != seen);

        return (seen & Posted) == 0;
    }

    // Nobody is about to queue the item any more. False: somebody relies on it.
    private bool TryUnset()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _bits);
            if ((seen & Relied) != 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _bits, seen & ~Posted, seen) != seen);

        return true;
    }
}
