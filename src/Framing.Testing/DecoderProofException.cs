using Framing.Testing.Proving;

namespace Framing.Testing;

/// <summary>A decoder broke a rule. The message says which, and shows the smallest case found: stream, cutting, what was expected and what came.</summary>
public sealed class DecoderProofException : Exception
{
    internal DecoderProofException(string framing, string decoder, Finding finding, string sample, byte[] stream, int[] cuts, int seed)
        : base(FailureText.Of(framing, decoder, finding, sample, stream, cuts, seed))
    {
        Rule = finding.Rule;
        Stream = stream;
        Cuts = cuts;
        Seed = seed;
    }

    /// <summary>The rule that was broken.</summary>
    public DecoderRule Rule { get; }

    /// <summary>The stream that it was broken with.</summary>
    public ReadOnlyMemory<byte> Stream { get; }

    /// <summary>Where the stream was cut into reads: offsets in ascending order; empty: it came in one read.</summary>
    public IReadOnlyList<int> Cuts { get; }

    /// <summary>The seed of the mutations: give it to <see cref="DecoderProofOptions.Seed"/> to see the same failure.</summary>
    public int Seed { get; }
}
