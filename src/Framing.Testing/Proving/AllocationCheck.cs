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

            long least = Measure(prover, trial.Bytes, size, repeats);
            if (least > 0)
            {
                prover.Fail(
                    new Finding(DecoderRule.NoAllocation, "0 bytes allocated", $"at least {least} bytes for {frames * repeats} frames, in each of {Rounds} rounds on one connection"),
                    trial.Name, trial.Bytes, Cuttings.Every(size, trial.Bytes.Length));
            }
        }
    }

    private static long Measure(Prover prover, byte[] bytes, int size, int repeats)
    {
        PinnedArrayPool pool = new(maxRetainedBytes: 1 << 24);
        FrameAssembler assembler = new(prover.Framing.CreateDecoder());
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < repeats; i++)
            {
                Feed(ref assembler, prover.MaxFrameLength, bytes, size, pool);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        assembler.Release(pool);
        return least;
    }

    private static void Feed(ref FrameAssembler assembler, int maxFrameLength, ReadOnlySpan<byte> stream, int size, ArrayPool<byte> pool)
    {
        while (!stream.IsEmpty)
        {
            ReadOnlySpan<byte> read = stream[..Math.Min(size, stream.Length)];
            stream = stream[read.Length..];
            while (assembler.Next(ref read, pool, maxFrameLength, out _) == AssemblerStatus.Frame)
            {
            }
        }
    }
}
