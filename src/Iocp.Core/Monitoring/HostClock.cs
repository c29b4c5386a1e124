namespace Iocp.Core;

/// <summary>
/// The application's clock, in milliseconds, asked from threads that must not end, and in the middle of steps that must be whole: while it throws,
/// time stands still. Want of memory alone is passed on, as everywhere. Any thread.
/// </summary>
internal sealed class HostClock
{
    private readonly TimeProvider _timeProvider;
    private readonly Action<Exception> _failed;
    private readonly long _start;
    private readonly long _frequency;
    private long _last;
    private int _fails;     // 1: it was said

    /// <param name="timeProvider">Where it throws now, so does this.</param>
    /// <param name="failed">Told when it, or its timer, begins to throw (by threads at work just then perhaps more than once). Must not throw.</param>
    public HostClock(TimeProvider timeProvider, Action<Exception> failed)
    {
        _timeProvider = timeProvider;
        _failed = failed;
        _start = timeProvider.GetTimestamp();
        _frequency = timeProvider.TimestampFrequency;
    }

    /// <summary>Milliseconds since construction; never negative, for times are counted from 0 on: it stands at 0 while the clock has gone back to before that.</summary>
    public long Now
    {
        get
        {
            long timestamp;
            try
            {
                timestamp = _timeProvider.GetTimestamp();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                return StandStill(exception);
            }

            // In whole numbers, in two steps: exact for every frequency, and no product overflows.
            (long seconds, long rest) = Math.DivRem(timestamp - _start, _frequency);
            long now = Math.Max(0, (seconds * 1000) + (rest * 1000 / _frequency));
            if (now != Volatile.Read(in _last))     // written once a millisecond: all workers read it
            {
                Volatile.Write(ref _last, now);
            }

            if (Volatile.Read(in _fails) != 0)
            {
                Volatile.Write(ref _fails, 0);
            }

            return now;
        }
    }

    /// <summary>A timer on this clock that is not set yet. When it cannot be set, the system's comes instead of it.</summary>
    public GuardedTimer CreateTimer(TimerCallback callback, object state)
        => new GuardedTimer(DetachedTimer.Create(_timeProvider, callback, state), DetachedTimer.Create(TimeProvider.System, callback, state), _failed);

    private long StandStill(Exception exception)
    {
        if (Interlocked.Exchange(ref _fails, 1) == 0)
        {
            _failed(exception);
        }

        return Volatile.Read(in _last);
    }
}
