using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

/// <summary>What one entry on a wheel should do, and whether it did.</summary>
internal sealed class TimerModel
{
    private long _since; // when Due was set
    private int _expectedCalls;
    private bool _cancelled;
    private string? _wrong;

    public TimerProbe Probe { get; } = new();

    public long? Due { get; private set; }

    /// <summary>What OnTimer returns, from now; -1 for none.</summary>
    public long Interval { get; set; } = -1;

    public void Schedule(TimerWheel<TimerProbe> wheel, long due)
    {
        wheel.Schedule(Probe, due);
        if (!_cancelled && (Due is null || due < Due))
        {
            (Due, _since) = (due, wheel.Now);
        }
    }

    public void Cancel(TimerWheel<TimerProbe> wheel)
    {
        wheel.Cancel(Probe);
        Due = null;
        _cancelled = true;
    }

    public long OnTimer(long now)
    {
        _wrong ??= Due is null ? $"called at {now} without a deadline" : now < Due ? $"called at {now}, due {Due}" : null;
        _expectedCalls++;
        (Due, _since) = (Interval < 0 ? null : now + Interval, now);
        return Due ?? -1;
    }

    public void Check(long now)
    {
        Assert.Null(_wrong);
        Assert.Equal(_expectedCalls, Probe.Calls.Count);
        Assert.False(Due is { } due && now - Math.Max(due, _since) >= TimerWheel<TimerProbe>.TickMilliseconds, $"due {Due}, set at {_since}, not called at {now}");
    }
}
