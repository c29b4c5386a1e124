namespace Framing.Testing.Proving;

/// <summary>Streams that nobody means: frames that never end, and samples with bytes changed. Whatever they give, they give in every cutting, and keep the contract.</summary>
internal static class HostileStreams
{
    private const int LongestFrame = 16 << 20;
    private const int Prefixes = 8;
    private const int Chunk = 4096;
    private const int Near = 16;                    // cuts on either side of where MaxFrameLength bytes of the frame have come
    private const int MostBytesNear = 2 << 20;      // and fewer where a run takes long

    /// <summary>A frame that has begun, or begins behind the sample, goes on beyond MaxFrameLength. Not tried where that is more than 16 MiB.</summary>
    public static void OverLong(Prover prover, Trial trial)
    {
        if (prover.MaxFrameLength > LongestFrame)
        {
            return;
        }

        long most = prover.MaxFrameLength + 64L;
        int prefixes = (int)Math.Clamp((64 << 20) / (6 * most), 1, Prefixes);
        foreach (int length in Cuttings.Places(trial.Bytes.Length, int.MaxValue, []).Take(prefixes / 2)
            .Concat(Enumerable.Range(1, prefixes).Select(i => trial.Bytes.Length * i / (prefixes + 1))).Append(trial.Bytes.Length).Where(length => length > 0).Distinct())
        {
            Outcome begun = prover.Runner.Run(trial.Bytes.AsSpan(0, length), []);
            long full = (begun.End == StreamEnd.Truncated ? begun.EndOffset : length) + prover.MaxFrameLength;
            foreach (byte filler in new[] { (byte)0, (byte)0xFF, trial.Bytes[length - 1] }.Distinct())
            {
                byte[] bytes = new byte[length + most];
                trial.Bytes.AsSpan(0, length).CopyTo(bytes);
                bytes.AsSpan(length).Fill(filler);
                prover.RequireSameOfAny(
                    $"{trial.Name}, its first {length} bytes and then {filler:X2} without end", bytes, [Cuttings.Every(Chunk, bytes.Length), .. OneCutNear(full, bytes.Length)]);
            }
        }
    }

    // A decoder that is handed nearly all that it may be handed is about to ask for too much.
    private static IEnumerable<int[]> OneCutNear(long place, int length)
    {
        int near = Math.Min(Near, MostBytesNear / length);
        return Enumerable.Range(-near, (2 * near) + 1).Select(i => (int)place + i).Where(cut => cut > 0 && cut < length).Select(cut => new[] { cut });
    }

    /// <summary>Samples with bytes changed, left out, repeated and taken from each other.</summary>
    public static void Mutated(Prover prover, IReadOnlyList<Trial> trials)
    {
        Random random = new(prover.Seed);
        for (int i = 0; i < prover.Options.Mutations; i++)
        {
            Trial trial = trials[random.Next(trials.Count)];
            byte[] bytes = trial.Bytes;
            for (int changes = 1 + random.Next(4); changes > 0; changes--)
            {
                bytes = Damage.Next(bytes, trials[random.Next(trials.Count)].Bytes, random).Of(bytes);
            }

            int[] some = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => random.Next(Math.Max(1, bytes.Length))).Where(cut => cut > 0).Distinct().Order()];
            int[] size = Cuttings.Every(1 + random.Next(20), bytes.Length);
            string name = $"{trial.Name}, mutated";
            prover.RequireSameOfAny(name, bytes, bytes.Length <= Chunk ? [some, size, Cuttings.Every(1, bytes.Length)] : [some]);
            SampleChecks.CheckOutgoing(prover, name, bytes);
        }
    }
}
