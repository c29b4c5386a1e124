using Iocp.Core;

namespace Framing.Testing.Proving;

/// <summary>Samples as they are: in one read, cut, truncated, one after another, and on two connections at once.</summary>
internal static class SampleChecks
{
    /// <summary>What the sample states is what comes.</summary>
    public static Trial Stated(Prover prover, Sample sample)
    {
        Trial trial = prover.Begin(sample.Name, sample.Bytes, sample);
        Outcome whole = trial.Whole;
        if (sample.ExpectedRejection is { } reason)
        {
            if (whole.Rejection?.Reason != reason)
            {
                prover.Fail(new Finding(DecoderRule.SampleRejection, $"a rejection with the reason {reason}", OutcomeText.Of(whole)), trial.Name, trial.Bytes, []);
            }
        }
        else if (!trial.IsLegal)
        {
            prover.Fail(new Finding(DecoderRule.SampleFrames, "a legal stream that ends between frames", OutcomeText.Of(whole)), trial.Name, trial.Bytes, []);
        }

        if (sample.ExpectedFrames is { } frames && !Gives(whole, frames, prover.Options.FramesFollowReads))
        {
            string expected = frames.Length == 0 ? "no frame" : string.Join(", ", frames.Select(frame => OutcomeText.Frame(frame)));
            prover.Fail(new Finding(DecoderRule.SampleFrames, expected, OutcomeText.Of(whole)), trial.Name, trial.Bytes, []);
        }

        CheckOutgoing(prover, trial.Name, trial.Bytes);
        return trial;
    }

    /// <summary>The same however it is cut.</summary>
    public static void Cut(Prover prover, Trial trial)
    {
        foreach (int[] cuts in Cuttings.Of(trial.Bytes.Length, trial.Whole.Frames))
        {
            prover.RequireSame(trial, cuts);
        }
    }

    /// <summary>
    /// Ended at every byte. Frames that such an end leaves are those of the stream with one cut there, which <see cref="Cut"/> compares; here is judged
    /// only whether the end was clean where a frame had begun.
    /// </summary>
    public static void Truncated(Prover prover, Trial trial)
    {
        if (prover.Options.FramesFollowReads)
        {
            return;
        }

        foreach (int length in Cuttings.Places(trial.Bytes.Length, Cuttings.MostCuts, trial.Whole.Frames))
        {
            byte[] begun = trial.Bytes[..length];
            Outcome outcome = prover.Runner.Run(begun, []);
            if (outcome.Violation is { } violation)
            {
                prover.Fail(violation, $"{trial.Name}, its first bytes", begun, []);
            }

            int delivered = outcome.Frames.Count;
            if (outcome.End != StreamEnd.Clean || !trial.Whole.HasFirst(delivered, outcome))
            {
                continue;
            }

            long begins = delivered < trial.Whole.Frames.Count ? trial.Whole.Frames[delivered].Offset : trial.Whole.Rejection?.StreamOffset ?? long.MaxValue;
            if (begins < length)
            {
                prover.Fail(
                    new Finding(DecoderRule.TruncatedTail, $"the stream ends inside the frame that begins at {begins}: TruncatedFrame", OutcomeText.Of(outcome)),
                    $"{trial.Name}, its first bytes", begun, []);
            }
        }
    }

    /// <summary>
    /// Ended at every byte once more: what follows a clean end is the rest of nothing, so alone it gives what is left. Judged after <see cref="Cut"/>, which
    /// says more of a decoder that takes the end of a read for the end of a frame.
    /// </summary>
    public static void Continued(Prover prover, Trial trial)
    {
        if (prover.Options.FramesFollowReads || !prover.Options.SamplesMayFollow)
        {
            return;
        }

        foreach (int length in Cuttings.Places(trial.Bytes.Length, Cuttings.MostCuts, trial.Whole.Frames))
        {
            Outcome outcome = prover.Runner.Run(trial.Bytes.AsSpan(0, length), []);
            if (outcome.End != StreamEnd.Clean)
            {
                continue;
            }

            Outcome left = trial.Whole.Rest(outcome.Frames.Count, length);
            if (left.Frames.Count == 0)
            {
                continue;       // no frame whose beginning could have been skipped; why the rest is refused may depend on what came before
            }

            Outcome rest = prover.Runner.Run(trial.Bytes.AsSpan(length), []);
            if (rest.Violation is { } violation)
            {
                prover.Fail(violation, $"{trial.Name}, without its first {length} bytes", trial.Bytes[length..], []);
            }

            if (!rest.SameAs(left, framesFollowReads: false))
            {
                prover.Fail(
                    new Finding(
                        DecoderRule.TruncatedTail,
                        $"the stream ends inside a frame, whose beginning was absorbed and not skipped: TruncatedFrame. Or else what follows gives alone what is left: {OutcomeText.Of(left)}",
                        $"{OutcomeText.Of(outcome)}; and what follows, {OutcomeText.Hex(trial.Bytes.AsSpan(length), OutcomeText.MostBytes)}, gives alone: {OutcomeText.Of(rest)}"),
                    $"{trial.Name}, its first bytes", trial.Bytes[..length], []);
            }
        }
    }

    /// <summary>All legal ones in one stream, twice, and one that is refused behind them.</summary>
    public static void Coalesced(Prover prover, IReadOnlyList<Trial> trials)
    {
        if (!prover.Options.SamplesMayFollow)
        {
            return;
        }

        Trial[] legal = [.. trials.Where(trial => trial.IsLegal)];
        Together(prover, [.. legal, .. legal.Reverse()]);
        foreach (Trial refused in trials.Where(trial => !trial.IsLegal))
        {
            Together(prover, [.. legal.Take(1), refused]);
        }
    }

    /// <summary>Each beside the one before it and beside itself, at once and in a different state.</summary>
    public static void OnTwoConnections(Prover prover, IReadOnlyList<Trial> trials)
    {
        for (int i = 0; i < trials.Count; i++)
        {
            Trial first = trials[i], next = trials[(i + 1) % trials.Count];
            foreach (int later in new[] { 0, 1, first.Bytes.Length / 2 }.Distinct())
            {
                Both(first, next, later);
                Both(first, first, later);
            }
        }

        void Both(Trial first, Trial second, int later)
        {
            (Outcome one, Outcome two) = prover.Runner.RunTwo(first.Bytes, second.Bytes, later);
            Require(first, one, second);
            Require(second, two, first);
        }

        void Require(Trial trial, Outcome outcome, Trial other)
        {
            if (outcome.Violation is not null || !outcome.SameAs(trial.Whole, prover.Options.FramesFollowReads))
            {
                prover.Fail(
                    new Finding(DecoderRule.SeparateConnections, $"as alone: {OutcomeText.Of(trial.Whole)}", outcome.Violation?.Actual ?? OutcomeText.Of(outcome)),
                    $"{trial.Name}, while another connection receives {other.Name}", trial.Bytes, Cuttings.Every(1, trial.Bytes.Length));
            }
        }
    }

    /// <summary>A judgement of what would be sent throws for nothing.</summary>
    public static void CheckOutgoing(Prover prover, string name, byte[] bytes)
    {
        try
        {
            prover.Framing.CheckOutgoing(bytes);
        }
        catch (Exception exception)
        {
            prover.Fail(
                new Finding(DecoderRule.NoException, "no exception for any input", $"CheckOutgoing threw {exception.GetType().Name}: {exception.Message}"), name, bytes, []);
        }
    }

    private static void Together(Prover prover, Trial[] trials)
    {
        byte[] bytes = [.. trials.SelectMany(trial => trial.Bytes)];
        if (bytes.Length == 0)
        {
            return;
        }

        Trial together = prover.Begin(string.Join(" + ", trials.Select(trial => trial.Name)), bytes);
        Outcome expected = new() { End = trials[^1].Whole.End };
        long offset = 0;
        int[] starts = new int[trials.Length];
        for (int i = 0; i < trials.Length; i++)
        {
            starts[i] = (int)offset;
            expected.Append(trials[i].Whole, 0, offset);
            offset += trials[i].Bytes.Length;
        }

        if (!together.Whole.SameAs(expected, prover.Options.FramesFollowReads))
        {
            prover.Fail(new Finding(DecoderRule.Coalesced, OutcomeText.Of(expected), OutcomeText.Of(together.Whole)), together.Name, bytes, []);
        }

        prover.RequireSame(together, Cuttings.Every(1, bytes.Length));
        prover.RequireSame(together, Cuttings.Every(5, bytes.Length));
        prover.RequireSame(together, [.. starts.Where(start => start > 0 && start < bytes.Length).Distinct()]);
    }

    private static bool Gives(Outcome outcome, byte[][] frames, bool framesFollowReads) => framesFollowReads
        ? outcome.Delivered.AsSpan().SequenceEqual(frames.SelectMany(frame => frame).ToArray())
        : outcome.Frames.Select(frame => frame.Bytes).SequenceEqual(frames, FrameEquality.Instance);

    private sealed class FrameEquality : IEqualityComparer<byte[]>
    {
        public static readonly FrameEquality Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
