namespace Iocp.Core;

/// <summary>Lets what may happen at any rate into the log once a minute. Any thread. A mutable struct: keep it in a field that is not readonly, and never copy it.</summary>
internal struct OnceAMinute
{
    private const long Milliseconds = 60_000;

    private long _next;

    /// <summary>Whether it may be said now, by the one caller who is told so.</summary>
    /// <param name="now">Milliseconds on a clock; the same one in every call.</param>
    public bool TryPass(long now)
    {
        long next = Volatile.Read(ref _next);
        return now >= next && Interlocked.CompareExchange(ref _next, now + Milliseconds, next) == next;
    }
}
