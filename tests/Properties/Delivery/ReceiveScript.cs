using Framing.Properties.Generators;
using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Delivery;

/// <summary>One thing that happens to a receive queue.</summary>
public abstract record ReceiveStep
{
    /// <summary>Frames of one read: added, or sent to stand in line, and signalled together.</summary>
    public sealed record Add(int[] Lengths) : ReceiveStep
    {
        public override string ToString() => $"add {string.Join(",", Lengths)}";
    }

    /// <summary>Takes a frame if there is one.</summary>
    public sealed record Take : ReceiveStep
    {
        public override string ToString() => "take";
    }

    /// <summary>A consumer takes a frame or waits for one.</summary>
    public sealed record Await : ReceiveStep
    {
        public override string ToString() => "await";
    }

    /// <summary>One of the waiting consumers, counted round, gives up.</summary>
    public sealed record Cancel(int Which) : ReceiveStep
    {
        public override string ToString() => $"cancel consumer {Which}";
    }

    /// <summary>Whoever sent the frames that have come so far no longer wants them delivered.</summary>
    public sealed record Drop : ReceiveStep
    {
        public override string ToString() => "drop";
    }

    public IEnumerable<ReceiveStep> Simpler() => this is Add(var lengths)
        ? Shrinking.Of(lengths, length => Shrinking.Of(length, 0)).Select(fewer => new Add(fewer))
        : [];
}

/// <summary>A receive queue with these bounds, what happens to it, and how it ends.</summary>
public sealed record ReceiveScript(int MaxFrames, int MaxBytes, ReceiveStep[] Steps, bool Disposed)
{
    public static Arbitrary<ReceiveScript> Any()
    {
        Gen<ReceiveScript> generator =
            from maxFrames in Gen.OneOf(Gen.Choose(1, 6), Gen.Choose(8, 16))      // of which a quarter is one place, and more
            from maxBytes in Gen.OneOf(Gen.Choose(1, 60), Gen.Constant(100_000))
            let length = Gen.Frequency((1, Gen.Constant(0)), (8, Gen.Choose(1, 20)), (1, Gen.Choose(1, maxBytes * 2)))
            let step = Gen.Frequency(
                (5, Gen.Choose(1, 4).SelectMany(count => Gen.ArrayOf(length, count)).Select(lengths => (ReceiveStep)new ReceiveStep.Add(lengths))),
                (4, Gen.Constant((ReceiveStep)new ReceiveStep.Take())),
                (5, Gen.Constant((ReceiveStep)new ReceiveStep.Await())),
                (2, Gen.Choose(0, 5).Select(which => (ReceiveStep)new ReceiveStep.Cancel(which))),
                (1, Gen.Constant((ReceiveStep)new ReceiveStep.Drop())))
            from steps in Gen.ArrayOf(step)
            from disposed in Gen.Elements(false, true)
            select new ReceiveScript(maxFrames, maxBytes, steps, disposed);
        return Arb.From(generator, script => script.Shrink());
    }

    public IEnumerable<ReceiveScript> Shrink() =>
    [
        .. Shrinking.Of(Steps, step => step.Simpler()).Select(steps => this with { Steps = steps }),
        .. Shrinking.Of(MaxFrames, 1).Select(frames => this with { MaxFrames = frames }),
        .. Disposed ? [this with { Disposed = false }] : Array.Empty<ReceiveScript>(),
    ];

    public override string ToString()
        => $"{MaxFrames} frames, {MaxBytes} bytes: {string.Join("; ", Steps.AsEnumerable())}; {(Disposed ? "disposed" : "completed")}";
}
