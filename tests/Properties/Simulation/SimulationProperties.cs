using FsCheck.Xunit;
using Xunit;

namespace Framing.Properties.Simulation;

/// <summary>
/// For every script of what peers, application, kernel and time may do: frames are a prefix of what the reference decoder finds, replies arrive in
/// order and whole, each connection ends once with its first cause, deadlines are kept, and everything is given back.
/// </summary>
[Properties(Arbitrary = [typeof(SimulationScript)], MaxTest = 400)]
public sealed class SimulationProperties
{
    [Property]
    public void Inline_delivery_keeps_every_promise(SimulationScript script) => Run(script, new InlineApplication());

    [Property]
    public void Pull_delivery_keeps_every_promise(SimulationScript script) => Run(script, new PullApplication());

    [Property]
    public void Per_connection_delivery_keeps_every_promise(SimulationScript script) => Run(script, new TaskApplication());

    [Fact]
    public void A_send_that_nobody_takes_is_given_up_in_time_also_while_the_application_drains()
    {
        Limits limits = new(MaxConnections: 1, SendQueue: 1000, Share: 1000, QueueFrames: 10, QueueBytes: 1000, FirstFrame: -1, Frame: -1, Idle: -1, Send: 500, Linger: 2000, Drain: 3000);
        ScriptStep[] steps =
        [
            new(Move.PeerStopsReading, 0, 1), new(Move.PeerSends, 0, int.MaxValue), new(Move.Turns, 0, 20),
            new(Move.Sends, 0, 300), new(Move.Turns, 0, 20),
            new(Move.PeerEnds, 0, 1), new(Move.Turns, 0, 20), new(Move.Passes, 0, 700),
        ];
        Run(new SimulationScript(limits, [new ConnectionPlan([10], StreamEnd.Whole, [Reaction.None])], steps, StopsAtTheEnd: false, Seed: 1), new PullApplication());
    }

    private static void Run(SimulationScript script, Application application)
    {
        using Simulation simulation = new(script, application);
        simulation.Run();
    }
}
