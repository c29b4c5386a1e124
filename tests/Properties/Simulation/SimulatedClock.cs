using Microsoft.Extensions.Time.Testing;

namespace Framing.Properties.Simulation;

/// <summary>Time that passes when told to; says when somebody begins to wait for it.</summary>
internal sealed class SimulatedClock : FakeTimeProvider
{
    public Action TimerMade { get; set; } = () => { };

    /// <summary>There is no memory when it is asked next.</summary>
    public bool FailsOnce { get; set; }

    public override long GetTimestamp()
    {
        if (FailsOnce)
        {
            FailsOnce = false;
            throw new InsufficientMemoryException();
        }

        return base.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        TimerMade();
        return timer;
    }
}
