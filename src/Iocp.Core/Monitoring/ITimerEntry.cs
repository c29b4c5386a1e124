namespace Iocp.Core;

/// <summary>Something with a deadline on a <see cref="TimerWheel{T}"/>; on one wheel at most, in its whole life.</summary>
internal interface ITimerEntry<T> where T : class, ITimerEntry<T>
{
    /// <summary>The wheel's own bookkeeping, kept in a field of the entry; nobody else touches it.</summary>
    ref TimerLink<T> TimerLink { get; }

    /// <summary>
    /// The deadline is reached. Called on the timer's thread without a lock held, never before the due time and never twice at
    /// once; it must not block, for all other deadlines wait for it.
    /// </summary>
    /// <param name="now">Milliseconds on the wheel's clock, read once a tick.</param>
    /// <returns>The next due time on that clock, or -1 for none.</returns>
    long OnTimer(long now);
}
