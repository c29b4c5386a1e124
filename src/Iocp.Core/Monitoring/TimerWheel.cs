namespace Iocp.Core;

/// <summary>
/// Deadlines of any number of entries on one timer: the article's aide thread, without its walk over every connection. The timer is set for
/// the first tick that has something to do, but for no more than a second; nobody is woken while the wheel is empty.
/// </summary>
/// <remarks>
/// <para>
/// Time is cut into ticks of 100 ms; an entry due at d waits for tick ⌈d / 100⌉, so it is never early and at most one tick late. Tick t
/// has the list t mod 1024. What is due beyond one turn of the wheel (102 s) is parked in the farthest list and put back when the
/// hand comes by: that touches an entry once a turn, not once a tick.
/// </para>
/// <para>
/// One lock guards lists, links and flags; it is held for one entry at a time and never while OnTimer runs or the timer is set (a
/// fake clock runs callbacks from there). The timer is set by the tick that ends, and by whoever adds what is due before all else. Of two who set
/// it at once the later may be the one that wants it later, so each looks again afterwards; a call for which there turns out to be nothing to
/// do does no harm. What a timer does not keep up with (a clock that jumps while it waits, or moves between the look at it and the setting) is
/// found after the second. Ticks never overlap, and a clock that jumps by a year costs one turn.
/// </para>
/// </remarks>
internal sealed partial class TimerWheel<T> : IAsyncDisposable where T : class, ITimerEntry<T>
{
    internal const int TickMilliseconds = 100;
    internal const int Buckets = 1024; // a power of two; TimerLink keeps 10 bits

    private const long Never = long.MaxValue;
    private const long LongestWait = 1000;
    private const long RetryMilliseconds = 1000;    // after an OnTimer that threw

    private readonly HostClock _clock;
    private readonly Action<Exception> _failed;
    private readonly GuardedTimer _timer;
    private readonly Lock _lock = new();
    private readonly T?[] _heads = new T?[Buckets];
    private long _target;    // the tick up to which entries are due: of the tick that runs, or ran last
    private long _hand;      // the tick whose list is being emptied; equal to _target between ticks
    private int _count;      // entries on lists
    private long _next = Never; // the tick for which the timer is set
    private int _tickThread; // managed id of the thread in a tick, or 0
    private bool _disposed;
    private TaskCompletionSource? _lastTick;

    /// <param name="clock">Also makes the one timer.</param>
    /// <param name="failed">Told when an entry's OnTimer threw; that entry is looked at again a second later. Must not throw.</param>
    public TimerWheel(HostClock clock, Action<Exception> failed)
    {
        _clock = clock;
        _failed = failed;
        _timer = clock.CreateTimer(static wheel => ((TimerWheel<T>)wheel!).Tick(), this);
    }

    /// <summary>Milliseconds on its clock.</summary>
    public long Now => _clock.Now;

    /// <summary>Entries waiting.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>
    /// Has the entry looked at when that time has come, or before: of several calls, and of what OnTimer returns, the earliest counts, so that nobody
    /// needs to know what else the entry waits for. Without effect after Cancel or dispose.
    /// </summary>
    /// <param name="entry">Any entry of this wheel.</param>
    /// <param name="due">Milliseconds on its clock, not negative; what is past is due at the next tick.</param>
    public void Schedule(T entry, long due)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(due);
        long tick = TickOf(due);
        long now = Now;
        lock (_lock)
        {
            ref TimerLink<T> link = ref entry.TimerLink;
            if (_disposed || link.IsCancelled || ((link.IsQueued || link.IsRescheduled) && link.Tick <= tick))
            {
                return;
            }

            if (link.IsRunning)
            {
                link.Tick = tick;
                link.IsRescheduled = true;
                return;
            }

            if (_next == Never && _tickThread == 0)
            {
                _hand = _target = now / TickMilliseconds; // no list has an entry: the hand may jump
            }

            Remove(entry);
            tick = Add(entry, tick);
            if (tick >= _next || _tickThread != 0)
            {
                return;     // a tick that is running sets the timer when it ends
            }

            _next = tick;
        }

        SetTimer(tick, now);
    }

    /// <summary>
    /// Takes the entry off for good: a later Schedule is ignored, and OnTimer is not called again, unless it is being called right now.
    /// </summary>
    public void Cancel(T entry)
    {
        lock (_lock)
        {
            entry.TimerLink.IsCancelled = true;
            Remove(entry); // the timer is left to find out at its next tick: cheaper than setting it for each connection that ends
        }
    }

    /// <summary>Stops; when it completes no OnTimer is running. From inside an OnTimer it does not wait for that one.</summary>
    public async ValueTask DisposeAsync()
    {
        Task lastTick = Task.CompletedTask;
        lock (_lock)
        {
            _disposed = true;
            if (_tickThread != 0 && _tickThread != Environment.CurrentManagedThreadId)
            {
                _lastTick ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                lastTick = _lastTick.Task;
            }
        }

        _timer.Dispose(); // a tick that begins after this finds _disposed
        await lastTick.ConfigureAwait(false);
    }

    private static long TickOf(long due) =>
        Math.Min(TimerLink<T>.MaxTick, (due / TickMilliseconds) + (due % TickMilliseconds == 0 ? 0 : 1));

    /// <summary>Not under the lock, by whoever has just set _next to that tick.</summary>
    private void SetTimer(long tick, long now)
    {
        while (true)
        {
            _timer.Set(TimeSpan.FromMilliseconds(Math.Clamp((tick * TickMilliseconds) - now, 1, LongestWait)));
            lock (_lock)
            {
                if (_next >= tick || _tickThread != 0)
                {
                    return;
                }

                tick = _next;   // somebody set it for earlier meanwhile, perhaps before we did
            }
        }
    }

    private void Tick()
    {
        long now = Now;
        lock (_lock)
        {
            if (_disposed || _tickThread != 0)
            {
                return;
            }

            _tickThread = Environment.CurrentManagedThreadId;
            _target = Math.Max(_target, now / TickMilliseconds);
            _hand = Math.Max(_hand, _target - Buckets); // one turn passes every list
        }

        while (TryTakeDue(out T? entry))
        {
            if (entry is not null)
            {
                Run(entry, now);
            }
        }

        long next;
        lock (_lock)
        {
            _tickThread = 0;
            _lastTick?.SetResult();
            next = _next = _disposed ? Never : FirstTick();
        }

        if (next != Never)
        {
            SetTimer(next, Now);
        }
    }

    private void Run(T entry, long now)
    {
        long due;
        try
        {
            due = entry.OnTimer(now);
        }
        catch (Exception error)
        {
            _failed(error);
            due = now + RetryMilliseconds;      // its other deadlines are still to be met
        }

        lock (_lock)
        {
            ref TimerLink<T> link = ref entry.TimerLink;
            link.IsRunning = false;
            if (link.IsCancelled || (due < 0 && !link.IsRescheduled))
            {
                return;
            }

            long tick = due < 0 ? long.MaxValue : TickOf(due);
            Add(entry, link.IsRescheduled ? Math.Min(tick, link.Tick) : tick);
        }
    }
}
