namespace Iocp.Core.Engines;

/// <summary>The pause before something is tried again that failed for want of memory, buffers or handles: it doubles, up to a second. A mutable struct.</summary>
internal struct BackOff()
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        TimeSpan pause = _next;
        _next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }

    /// <summary>It has worked.</summary>
    public void Reset() => _next = First;

    /// <summary>Does what nobody else would do, again and again while there is no memory for it, on this thread: there may be none to remember it by either.</summary>
    public static void RetryUntilDone<T>(Action<T> action, T item)
    {
        for (BackOff backOff = new(); ; Thread.Sleep(backOff.Next()))
        {
            try
            {
                action(item);
                return;
            }
            catch (OutOfMemoryException)
            {
                // Again.
            }
        }
    }
}
