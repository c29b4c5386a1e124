using Iocp.Core;
using Microsoft.Extensions.Time.Testing;

namespace Framing.Properties.Core;

/// <summary>An entry that records its calls and how often the wheel touches it.</summary>
internal sealed class TimerProbe : ITimerEntry<TimerProbe>
{
    private TimerLink<TimerProbe> _link;
    private int _running;

    /// <summary>What OnTimer does and returns; -1 if there is nothing to do.</summary>
    public Func<long, long> Body { get; set; } = _ => -1;

    /// <summary>The clock at each call.</summary>
    public List<long> Calls { get; } = [];

    /// <summary>Calls that have begun.</summary>
    public int Started;

    public long Touches { get; private set; }

    /// <summary>OnTimer was entered while it ran on another thread.</summary>
    public bool Overlapped { get; private set; }

    ref TimerLink<TimerProbe> ITimerEntry<TimerProbe>.TimerLink
    {
        get
        {
            Touches++;
            return ref _link;
        }
    }

    long ITimerEntry<TimerProbe>.OnTimer(long now)
    {
        Overlapped |= Interlocked.Exchange(ref _running, 1) == 1;
        Interlocked.Increment(ref Started);
        Calls.Add(now);
        try
        {
            return Body(now);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }
}

/// <summary>Counts the wake-ups of all timers made from a fake clock.</summary>
internal class CountingClock : FakeTimeProvider
{
    private int _wakeUps;

    public int WakeUps => Volatile.Read(ref _wakeUps);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(
            argument =>
            {
                Interlocked.Increment(ref _wakeUps);
                callback(argument);
            },
            state,
            dueTime,
            period);

    public void AdvanceMilliseconds(long milliseconds) => Advance(TimeSpan.FromMilliseconds(milliseconds));
}
