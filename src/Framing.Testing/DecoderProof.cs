using Framing.Testing.Proving;
using Iocp.Core;

namespace Framing.Testing;

/// <summary>
/// Proves that a decoder keeps the contract of <see cref="IFrameDecoder"/>, by samples and by all that is made of them. It drives the decoder by the
/// library's own assembler, as a connection does, and needs no test framework: call <see cref="Run"/> in a test of any.
/// </summary>
/// <remarks>
/// Each sample is decoded in one read, in every cutting, truncated at every byte, behind and beside other samples, going on beyond MaxFrameLength, and
/// mutated. Samples of up to 16 bytes are cut in all 2^(n-1) ways. Longer ones come in one read, in reads of 1, 2, 3, 7 and 37 bytes, and with every one cut and every two
/// cuts, as long as one kind costs no more than 16 MiB of decoding (one cut: up to 4,096 places, two cuts: of 256); where it would, at the places around
/// the frames' ends and at others spread evenly. So small samples prove most: a dozen of up to 256 bytes take a second.
/// </remarks>
public static class DecoderProof
{
    private const int MaxSampleLength = 16 << 20;
    private const int MaxSamplesLength = 64 << 20;

    /// <summary>Proves a framing's decoder; returns when no rule was broken.</summary>
    /// <param name="framing">The framing; several decoders of it are in use at once, on the calling thread.</param>
    /// <param name="samples">At least one, of at most 16 MiB each, together at most 64 MiB; names that tell them apart make failures readable.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="cancellationToken">Looked at between the parts of the proof.</param>
    /// <returns>What was tried.</returns>
    /// <exception cref="DecoderProofException">A rule was broken; the message shows the smallest case found.</exception>
    /// <exception cref="ArgumentException">There is no sample, or one that is empty; they are too long; an option or the framing's MaxFrameLength is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static DecoderProofReport Run(
        IFraming framing, IEnumerable<Sample> samples, DecoderProofOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(framing);
        ArgumentNullException.ThrowIfNull(samples);
        options ??= new DecoderProofOptions();
        Sample[] all = [.. samples];
        Require(framing, all, options);

        Prover prover = new(framing, options, options.Seed ?? Random.Shared.Next());
        List<Trial> trials = [];
        foreach (Sample sample in all)
        {
            trials.Add(SampleChecks.Stated(prover, sample));
        }

        Action<Trial>[] ofEach =
        [
            trial => SampleChecks.Truncated(prover, trial),
            trial => SampleChecks.Cut(prover, trial),
            trial => SampleChecks.Continued(prover, trial),
            trial => AllocationCheck.Run(prover, trial),
            trial => LinearWork.Check(prover, trial),
            trial => HostileStreams.OverLong(prover, trial),
        ];
        Action[] ofAll =
        [
            () => SampleChecks.Coalesced(prover, trials),
            () => SampleChecks.OnTwoConnections(prover, trials),
            () => HostileStreams.Mutated(prover, trials),
        ];
        foreach (Action check in ofEach.SelectMany(check => trials.Select(trial => (Action)(() => check(trial)))).Concat(ofAll))
        {
            cancellationToken.ThrowIfCancellationRequested();
            check();
        }

        return new DecoderProofReport(prover.Seed, prover.Streams, prover.Runner.Runs, prover.Runner.Bytes);
    }

    private static void Require(IFraming framing, Sample[] samples, DecoderProofOptions options)
    {
        if (framing.MaxFrameLength < 1)
        {
            throw new ArgumentException($"MaxFrameLength of the framing is {framing.MaxFrameLength}; it must be at least 1.", nameof(framing));
        }

        if (samples.Length == 0)
        {
            throw new ArgumentException("There is no sample; there must be at least one.", nameof(samples));
        }

        for (int i = 0; i < samples.Length; i++)
        {
            if (samples[i] is not { Bytes.Length: > 0 and <= MaxSampleLength })
            {
                throw new ArgumentException($"samples[{i}] is {samples[i]?.ToString() ?? "null"}; a sample must have 1 to {MaxSampleLength} bytes.", nameof(samples));
            }
        }

        if (samples.Sum(sample => (long)sample.Bytes.Length) is > MaxSamplesLength and var together)
        {
            throw new ArgumentException($"The samples have {together} bytes together; it must be at most {MaxSamplesLength}.", nameof(samples));
        }

        if (options.Mutations is < 0 or > 1_000_000)
        {
            throw new ArgumentException($"{nameof(options.Mutations)} is {options.Mutations}; it must be 0 to 1,000,000.", nameof(options));
        }
    }
}
