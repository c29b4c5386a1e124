namespace Framing.Testing;

/// <summary>What a proof that found nothing has tried.</summary>
/// <param name="Seed">The seed of the mutations.</param>
/// <param name="Streams">Different streams.</param>
/// <param name="Runs">Streams decoded, each in its own cutting.</param>
/// <param name="Bytes">Bytes decoded in all runs.</param>
public sealed record DecoderProofReport(int Seed, long Streams, long Runs, long Bytes);
