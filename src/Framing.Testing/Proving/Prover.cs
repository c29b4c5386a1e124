using Iocp.Core;

namespace Framing.Testing.Proving;

/// <summary>A stream under proof, by the name that failures give it, and what becomes of it in one read.</summary>
internal sealed record Trial(string Name, byte[] Bytes, Outcome Whole, Sample? Sample = null)
{
    public bool IsLegal => Whole.End == StreamEnd.Clean;
}

/// <summary>What the parts of a proof share: running a stream, comparing, and failing with the smallest case.</summary>
internal sealed class Prover(IFraming framing, DecoderProofOptions options, int seed)
{
    public IFraming Framing => framing;

    public DecoderProofOptions Options => options;

    public int Seed => seed;

    public int MaxFrameLength { get; } = framing.MaxFrameLength;

    public StreamRunner Runner { get; } = new(framing);

    public long Streams { get; private set; }

    /// <summary>Decodes a stream in one read; a breach of the contract fails here.</summary>
    public Trial Begin(string name, byte[] bytes, Sample? sample = null)
    {
        Streams++;
        Outcome whole = Runner.Run(bytes, []);
        if (whole.Violation is { } violation)
        {
            Fail(violation, name, bytes, []);
        }

        return new Trial(name, bytes, whole, sample);
    }

    /// <summary>The stream in this cutting must become what it became in one read.</summary>
    public void RequireSame(Trial trial, int[] cuts)
    {
        if (Compare(trial, cuts) is { } finding)
        {
            int[] smallest = Shrinking.Cuts(trial.Bytes.Length, cuts, fewer => Compare(trial, fewer)?.Rule == finding.Rule);
            // A decoder that shares state between connections may behave when it is asked again: then what was seen first stands.
            Finding? again = Compare(trial, smallest);
            Fail(again ?? finding, trial.Name, trial.Bytes, again is null ? cuts : smallest);
        }
    }

    /// <summary>As <see cref="RequireSame"/>, for a stream that nobody wrote: on a failure the stream is made smaller too.</summary>
    public void RequireSameOfAny(string name, byte[] bytes, IEnumerable<int[]> cuttings)
    {
        Streams++;
        Outcome whole = Runner.Run(bytes, []);
        foreach (int[] cuts in cuttings.Prepend([]))
        {
            if (Judge(bytes, cuts, whole) is { } finding)
            {
                (byte[] fewer, int[] smallest) = Shrinking.Stream(bytes, cuts, (b, c) => Judge(b, c)?.Rule == finding.Rule);
                Finding? again = Judge(fewer, smallest);
                Fail(again ?? finding, name, again is null ? bytes : fewer, again is null ? cuts : smallest);
            }
        }
    }

    public void Fail(Finding finding, string name, byte[] bytes, int[] cuts)
    {
        string decoder = "?";
        try
        {
            IFrameDecoder named = framing.CreateDecoder();
            decoder = named.GetType().Name;
            (named as IDisposable)?.Dispose();
        }
        catch (Exception)
        {
            // The finding is what is to be told, and most likely says that it throws, or gives null.
        }

        throw new DecoderProofException(framing.Name, decoder, finding, name, bytes, cuts, seed);
    }

    private Finding? Judge(byte[] bytes, int[] cuts, Outcome? whole = null)
    {
        whole ??= Runner.Run(bytes, []);
        return whole.Violation ?? Compare(bytes, cuts, whole);
    }

    private Finding? Compare(Trial trial, int[] cuts) => Compare(trial.Bytes, cuts, trial.Whole);

    private Finding? Compare(byte[] bytes, int[] cuts, Outcome whole)
    {
        Outcome outcome = Runner.Run(bytes, cuts);
        return outcome.Violation ?? (outcome.SameAs(whole, options.FramesFollowReads)
            ? null
            : new Finding(DecoderRule.SameForEveryCutting, $"as in one read: {OutcomeText.Of(whole)}", OutcomeText.Of(outcome)));
    }
}
