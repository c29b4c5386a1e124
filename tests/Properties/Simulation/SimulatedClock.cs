using Microsoft.Extensions.Time.Testing;

namespace Framing.Properties.Simulation;

/// <summary>Time that passes when told to; says when somebody begins to wait for it.</summary>
internal sealed class SimulatedClock : FakeTimeProvider
{
    public Action TimerMade { get; set; } = () => { };

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        TimerMade();
        return timer;
    }
}
