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
    private readonly long _ticksPerMillisecond;     // 0: not a whole number
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
        _ticksPerMillisecond = _frequency % 1000 == 0 ? _frequency / 1000 : 0;
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

            long now = Math.Max(0, Milliseconds(timestamp - _start));
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

    // In whole numbers, so exact. By one division where that is possible, as on all the usual clocks: it is asked for each read and each send.
    private long Milliseconds(long ticks)
    {
        if (_ticksPerMillisecond != 0)
        {
            return ticks / _ticksPerMillisecond;
        }

        (long seconds, long rest) = Math.DivRem(ticks, _frequency);     // in two steps, so that no product overflows
        return (seconds * 1000) + (rest * 1000 / _frequency);
    }

    private long StandStill(Exception exception)
    {
        if (Interlocked.Exchange(ref _fails, 1) == 0)
        {
            _failed(exception);
        }

        return Volatile.Read(in _last);
    }
}
