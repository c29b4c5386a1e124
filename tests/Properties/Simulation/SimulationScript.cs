using Framing.Properties.Generators;
using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Simulation;

/// <summary>What may happen next; the number beside it is bytes, milliseconds, turns, frames, or nothing.</summary>
public enum Move
{
    Turns, Passes,
    PeerSends, PeerEnds, PeerResets, PeerStopsReading, PeerReadsOn,
    Sends, Pauses, Resumes, Closes, Aborts, Takes, Disposes, Ends, Throws, Stops, CutsTheStopShort,
}

/// <summary>One move of a script; those of a connection name it.</summary>
public sealed record ScriptStep(Move Move, int Connection, int Amount)
{
    public override string ToString() => Move switch
    {
        Move.Turns or Move.Passes or Move.Stops or Move.CutsTheStopShort => $"{Move} {Amount}",
        Move.PeerSends or Move.Sends or Move.Takes => $"#{Connection} {Move} {Amount}",
        _ => $"#{Connection} {Move}",
    };

    public IEnumerable<ScriptStep> Simpler() =>
    [
        .. Shrinking.Of(Amount, 1).Select(amount => this with { Amount = amount }),
        .. Connection > 0 ? [this with { Connection = 0 }] : Array.Empty<ScriptStep>(),
    ];
}

/// <summary>The limits and times of a host, in bytes, frames and milliseconds; -1: never.</summary>
public sealed record Limits(int MaxConnections, int SendQueue, int Share, int QueueFrames, int QueueBytes, int FirstFrame, int Frame, int Idle, int Send, int Linger, int Drain)
{
    public static Gen<Limits> Generator { get; } =
        from maxConnections in Gen.Elements(1, 2, 100)
        from sendQueue in Gen.Elements(1, 40, 200, 100_000)
        from share in Gen.Elements(1, 60, 100_000)
        from queueFrames in Gen.Elements(1, 3, 8, 100)
        from queueBytes in Gen.Elements(1, 70, 100_000)
        from firstFrame in Gen.Elements(-1, 1000, 3050)
        from frame in Gen.Elements(-1, 800, 2500)
        from idle in Gen.Elements(-1, 700, 2000)
        from send in Gen.Elements(-1, 500, 2500)
        from linger in Gen.Elements(250, 2000)
        from drain in Gen.Elements(400, 3000)
        select new Limits(maxConnections, sendQueue, share, queueFrames, queueBytes, firstFrame, frame, idle, send, linger, drain);
}

/// <summary>Everything that happens to a server, in order; Seed decides what an engine is free to decide.</summary>
public sealed record SimulationScript(Limits Limits, ConnectionPlan[] Plans, ScriptStep[] Steps, bool StopsAtTheEnd, int Seed)
{
    public static Arbitrary<SimulationScript> Any()
    {
        Gen<SimulationScript> generator =
            from limits in Limits.Generator
            from count in Gen.Choose(1, 3)
            from plans in Gen.ArrayOf(ConnectionPlan.Generator, count)
            let step = from move in Moves
                       from connection in Gen.Choose(0, count - 1)
                       from amount in Amount(move)
                       select new ScriptStep(move, connection, amount)
            from steps in Gen.ArrayOf(step)
            from stops in Gen.Elements(false, true)
            from seed in Gen.Choose(0, 1_000_000)
            select new SimulationScript(limits, plans, steps, stops, seed);
        return Arb.From(generator, script => script.Shrink());
    }

    public IEnumerable<SimulationScript> Shrink() =>
    [
        .. Shrinking.Of(Steps, step => step.Simpler()).Select(steps => this with { Steps = steps }),
        .. Plans.Length > 1 ? [this with { Plans = Plans[..^1], Steps = [.. Steps.Where(step => step.Connection < Plans.Length - 1)] }] : Array.Empty<SimulationScript>(),
        .. Plans.SelectMany((plan, i) => plan.Shrink().Select(simpler => this with { Plans = [.. Plans[..i], simpler, .. Plans[(i + 1)..]] })),
        .. StopsAtTheEnd ? [this with { StopsAtTheEnd = false }] : Array.Empty<SimulationScript>(),
    ];

    public override string ToString() => string.Join(
        Environment.NewLine,
        [
            $"{Limits}, seed {Seed}",
            .. Plans.Select((plan, i) => $"#{i}: {plan}"),
            string.Join("; ", Steps.AsEnumerable()),
            StopsAtTheEnd ? "then the server stops" : "then all come to their end",
        ]);

    private static Gen<Move> Moves { get; } = Gen.Frequency(
        (12, Gen.Elements(Move.Turns, Move.PeerSends)),
        (4, Gen.Elements(Move.Sends, Move.Takes)),
        (3, Gen.Elements(Move.Passes, Move.Disposes)),
        (3, Gen.Elements(Move.Pauses, Move.Resumes, Move.PeerStopsReading, Move.PeerReadsOn)),
        (1, Gen.Elements(Move.PeerEnds, Move.PeerEnds, Move.PeerEnds, Move.PeerResets, Move.Closes, Move.Aborts)),
        (1, Gen.Elements(Move.Ends, Move.Throws, Move.Stops, Move.CutsTheStopShort)));

    private static Gen<int> Amount(Move move) => move switch
    {
        Move.Turns => Gen.Choose(1, 20),
        Move.Passes => Gen.Elements(1, 50, 100, 300, 700, 1000, 2000, 3100),
        Move.PeerSends => Gen.OneOf(Gen.Choose(1, 15), Gen.Choose(1, 200)),
        Move.Sends => Gen.OneOf(Gen.Choose(1, 20), Gen.Choose(1, 300)),
        Move.Takes => Gen.Choose(1, 5),
        _ => Gen.Constant(1),
    };
}
