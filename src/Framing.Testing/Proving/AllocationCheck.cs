using System.Buffers;
using Iocp.Core;

namespace Framing.Testing.Proving;

/// <summary>Decodes a legal sample over and over on one connection, and asks the runtime what was allocated.</summary>
internal static class AllocationCheck
{
    private const int Frames = 64;
    private const int Rounds = 20;          // the first ones fill pools, and let the runtime compile what it wants to

    public static void Run(Prover prover, Trial trial)
    {
        int frames = trial.Whole.Frames.Count;
        if (!prover.Options.SamplesMayFollow || !trial.IsLegal || frames == 0)
        {
            return;
        }

        int repeats = 1 + (Frames / frames);
        foreach (int size in new[] { trial.Bytes.Length, 37, 1 }.Where(size => size <= trial.Bytes.Length).Distinct())
        {
            if (size == 1 && trial.Bytes.Length > 1 << 16)
            {
                continue;
            }

            Measured measured = Measure(prover.Framing, trial.Bytes, size, repeats);
            if (measured.Refusal is { } refusal)
            {
                prover.Fail(
                    new Finding(DecoderRule.Coalesced, "legal however often it comes on one connection, as it is once", refusal),
                    $"{trial.Name}, again and again", trial.Bytes, Cuttings.Every(size, trial.Bytes.Length));
            }

            if (measured.Least > 0 && !prover.Options.MayAllocate)
            {
                prover.Fail(
                    new Finding(DecoderRule.NoAllocation, "0 bytes allocated", $"at least {measured.Least} bytes for {frames * repeats} frames, in each of {Rounds} rounds on one connection"),
                    trial.Name, trial.Bytes, Cuttings.Every(size, trial.Bytes.Length));
            }
        }
    }

    /// <summary>Decodes these bytes so many times a round, in reads of one size. Ends where they are refused: what is not decoded allocates nothing.</summary>
    public static Measured Measure(IFraming framing, byte[] bytes, int size, int repeats)
    {
        PinnedArrayPool pool = new(maxRetainedBytes: 1 << 24);
        FrameAssembler assembler = new(framing.CreateDecoder());
        long least = long.MaxValue;
        bool takesAll = true;
        for (int round = 0; round < Rounds && least > 0 && takesAll; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < repeats && takesAll; i++)
            {
                takesAll = Feed(ref assembler, framing.MaxFrameLength, bytes, size, pool);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        string? refusal = takesAll ? null : assembler.Rejection?.ToString() ?? assembler.Error?.Message;
        bool insideFrame = assembler.InsideFrame;
        assembler.Release(pool);
        return new Measured(least, refusal, insideFrame);
    }

    private static bool Feed(ref FrameAssembler assembler, int maxFrameLength, ReadOnlySpan<byte> stream, int size, ArrayPool<byte> pool)
    {
        AssemblerStatus status = AssemblerStatus.NeedMore;
        while (!stream.IsEmpty && status == AssemblerStatus.NeedMore)
        {
            ReadOnlySpan<byte> read = stream[..Math.Min(size, stream.Length)];
            stream = stream[read.Length..];
            do
            {
                status = assembler.Next(ref read, pool, maxFrameLength, out _);
            }
            while (status == AssemblerStatus.Frame);
        }

        return status == AssemblerStatus.NeedMore;
    }

    /// <summary>The fewest bytes that a round allocated; why the stream was refused, if it was; and whether it ended inside a frame.</summary>
    internal readonly record struct Measured(long Least, string? Refusal, bool InsideFrame);
}
