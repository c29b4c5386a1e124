namespace Iocp.Core;

/// <summary>
/// A work item's turn on the thread pool: queued, it is taken once; if queueing throws, it is not taken at all.
/// The runtime alone does not say which: for want of a thread it throws after the item is in its queue (dotnet/runtime issue 132492), where the item would
/// run beside whatever is done in its place.
/// </summary>
/// <remarks>
/// What is left in the queue finds no turn to take, or takes that of a later time early, and the one queued for that finds none. Nobody may queue an item
/// that is queued. A mutable struct: keep it in a field that is not readonly.
/// </remarks>
internal struct PoolTurn
{
    private int _due;

    /// <exception cref="OutOfMemoryException">The item will do nothing.</exception>
    public void Queue(IThreadPoolWorkItem item)
    {
        Volatile.Write(ref _due, 1);
        try
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
        }
        catch (OutOfMemoryException)
        {
            if (TryTake())
            {
                throw;
            }
        }
    }

    /// <summary>Asked by the item before it does anything; false: it is not its turn.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _due, 0) != 0;
}
