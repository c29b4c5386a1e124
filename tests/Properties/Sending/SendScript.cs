using Framing.Properties.Generators;
using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Sending;

/// <summary>One thing that happens to a send queue.</summary>
public abstract record SendStep
{
    /// <summary>A send; a corked one leaves the claim alone.</summary>
    public sealed record Append(int Length, bool Corked) : SendStep
    {
        public override string ToString() => $"append {Length}{(Corked ? " corked" : "")}";
    }

    /// <summary>A send that waits for room.</summary>
    public sealed record Wait(int Length) : SendStep
    {
        public override string ToString() => $"wait with {Length}";
    }

    /// <summary>One of the waiting sends, counted round, gives up.</summary>
    public sealed record Cancel(int Which) : SendStep
    {
        public override string ToString() => $"cancel waiter {Which}";
    }

    /// <summary>The sender gathers, claiming first if it must; nothing happens while it is sending.</summary>
    public sealed record Gather(int MaxBuffers, int MaxBytes) : SendStep
    {
        public override string ToString() => $"gather {MaxBuffers} pieces to {MaxBytes} bytes";
    }

    /// <summary>What was gathered waits for the peer.</summary>
    public sealed record BeginWait : SendStep
    {
        public override string ToString() => "begin to wait";
    }

    /// <summary>The system took nothing: the sender will gather again.</summary>
    public sealed record Retry : SendStep
    {
        public override string ToString() => "retry";
    }

    /// <summary>The system took that many thousandths of what was gathered, but at least a byte.</summary>
    public sealed record Complete(int Thousandths) : SendStep
    {
        public override string ToString() => $"complete {Thousandths}/1000";
    }

    public sealed record Shut : SendStep
    {
        public override string ToString() => "shut";
    }

    public IEnumerable<SendStep> Simpler() => this switch
    {
        Append(var length, var corked) => [.. Shrinking.Of(length, 0).Select(less => new Append(less, corked)), .. corked ? [new Append(length, false)] : Array.Empty<SendStep>()],
        Wait(var length) => Shrinking.Of(length, 0).Select(less => new Wait(less)),
        Gather(var buffers, var bytes) when (buffers, bytes) != (16, 65_536) => [new Gather(16, 65_536)],
        Complete(< 1000) => [new Complete(1000)],
        _ => [],
    };
}

/// <summary>A send queue with this bound, and what happens to it.</summary>
public sealed record SendScript(int Bound, SendStep[] Steps)
{
    public static Arbitrary<SendScript> Any()
    {
        // Around a bound that is small against the sends or large; segments begin with 4096 bytes.
        Gen<SendScript> generator =
            from bound in Gen.OneOf(Gen.Choose(1, 8), Gen.Choose(1, 300), Gen.Choose(4000, 20_000))
            let length = Gen.Frequency(
                (1, Gen.Constant(0)), (6, Gen.Choose(1, 20)), (6, Gen.Choose(1, Math.Max(2, bound / 2))), (2, Gen.Choose(1, bound + 5000)), (1, Gen.Choose(60_000, 140_000)))
            let step = Gen.Frequency(
                (8, from bytes in length from corked in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true))) select (SendStep)new SendStep.Append(bytes, corked)),
                (4, length.Select(bytes => (SendStep)new SendStep.Wait(bytes))),
                (2, Gen.Choose(0, 5).Select(which => (SendStep)new SendStep.Cancel(which))),
                (6, from buffers in Gen.Elements(1, 2, 3, 16) from bytes in Gen.Elements(1, 100, 5000, 65_536) select (SendStep)new SendStep.Gather(buffers, bytes)),
                (2, Gen.Elements<SendStep>(new SendStep.BeginWait(), new SendStep.Retry())),
                (6, Gen.Elements(0, 1, 300, 500, 999, 1000, 1000, 1000).Select(part => (SendStep)new SendStep.Complete(part))))
            from steps in Gen.ArrayOf(step)
            from shut in Gen.Frequency((2, Gen.Constant(-1)), (1, Gen.Choose(0, steps.Length)))
            select new SendScript(bound, shut < 0 ? steps : [.. steps[..shut], new SendStep.Shut(), .. steps[shut..]]);
        return Arb.From(generator, script => script.Shrink());
    }

    public IEnumerable<SendScript> Shrink() =>
    [
        .. Shrinking.Of(Steps, step => step.Simpler()).Select(steps => this with { Steps = steps }),
        .. Shrinking.Of(Bound, 1).Select(bound => this with { Bound = bound }),
    ];

    public override string ToString() => $"bound {Bound}: {string.Join("; ", Steps.AsEnumerable())}";
}
