namespace Framing.Testing;

/// <summary>What a proof may be told about a framing, and how much it tries.</summary>
public sealed class DecoderProofOptions
{
    /// <summary>
    /// The framing delivers reads as they come, so its frames are where the cutting put them: compared are all bytes delivered, not their
    /// boundaries, and the end of the stream cuts no frame. Default false.
    /// </summary>
    public bool FramesFollowReads { get; init; }

    /// <summary>Samples may follow one another in one stream. False for a protocol whose stream begins in a way of its own: then <see cref="DecoderRule.Coalesced"/> and <see cref="DecoderRule.NoAllocation"/> are not proven. Default true.</summary>
    public bool SamplesMayFollow { get; init; } = true;

    /// <summary>The decoder allocates for its frames, as one that decompresses may have to. Default false: what it allocates on legal streams is a fault.</summary>
    public bool MayAllocate { get; init; }

    /// <summary>Mutated streams to try, 0 to 1,000,000; default 2,000.</summary>
    public int Mutations { get; init; } = 2_000;

    /// <summary>Seed of the mutations; null (the default): another each time. A failure names the one that it was found with.</summary>
    public int? Seed { get; init; }
}
