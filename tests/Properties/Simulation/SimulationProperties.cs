using FsCheck.Xunit;

namespace Framing.Properties.Simulation;

/// <summary>
/// For every script of what peers, application, kernel and time may do: frames are a prefix of what the reference decoder finds, replies arrive in
/// order and whole, each connection ends once with its first cause, deadlines are kept, and everything is given back.
/// </summary>
[Properties(Arbitrary = [typeof(SimulationScript)], MaxTest = 300)]
public sealed class SimulationProperties
{
    [Property]
    public void Inline_delivery_keeps_every_promise(SimulationScript script) => Run(script, new InlineApplication());

    [Property]
    public void Pull_delivery_keeps_every_promise(SimulationScript script) => Run(script, new PullApplication());

    [Property]
    public void Per_connection_delivery_keeps_every_promise(SimulationScript script) => Run(script, new TaskApplication());

    private static void Run(SimulationScript script, Application application)
    {
        using Simulation simulation = new(script, application);
        simulation.Run();
    }
}
