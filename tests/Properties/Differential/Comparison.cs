using System.Globalization;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;

namespace Framing.Properties.Differential;

/// <summary>Runs streams through a framing and its reference, and says where they differ.</summary>
internal static class Comparison
{
    /// <summary>The environment variable that repeats a run: a number, the seed that the run printed.</summary>
    public const string SeedVariable = "DIFFERENTIAL_SEED";

    private const int StreamsOfAVariant = 200;
    private const int MostTries = 20_000;

    /// <summary>From the environment, or of this moment.</summary>
    public static int Seed { get; } = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : (int)(DateTime.UtcNow.Ticks & int.MaxValue);

    /// <summary>Null when all agree; otherwise the first stream that does not, made small, with everything needed to see it again.</summary>
    public static string? FirstMismatch(Func<Random, Variant> next, int seed, int streams)
    {
        foreach ((int index, Variant variant, byte[] stream, Cutting cutting) in Streams(next, seed, streams))
        {
            if (Differ(variant, stream, cutting))
                return Report(variant, stream, cutting, seed, index);
        }

        return null;
    }

    /// <summary>How many of the streams have a line, by the reference, that contains each of these texts.</summary>
    public static Dictionary<string, int> Count(Func<Random, Variant> next, int seed, int streams, string[] texts)
    {
        Dictionary<string, int> counts = texts.ToDictionary(text => text, _ => 0);
        foreach ((_, Variant variant, byte[] stream, Cutting cutting) in Streams(next, seed, streams))
        {
            List<string> lines = variant.Reference(stream, cutting);
            foreach (string text in texts)
                counts[text] += lines.Any(line => line.Contains(text, StringComparison.Ordinal)) ? 1 : 0;
        }

        return counts;
    }

    private static IEnumerable<(int Index, Variant Variant, byte[] Stream, Cutting Cutting)> Streams(Func<Random, Variant> next, int seed, int streams)
    {
        Variant variant = null!;
        for (int index = 0; index < streams; index++)
        {
            if (index % StreamsOfAVariant == 0)
                variant = next(Chance(seed, ~index));

            Random random = Chance(seed, index);
            byte[] stream = variant.Stream(random);
            yield return (index, variant, stream, Accidents.Cut(random, stream.Length));
        }
    }

    // Any stream can be made again from the seed and its index, without those before it.
    private static Random Chance(int seed, int index) => new(unchecked((seed * 16_777_619) ^ (index * (int)2_654_435_761)));

    private static bool Differ(Variant variant, byte[] stream, Cutting cutting)
        => !variant.Reference(stream, cutting).SequenceEqual(Outcome(variant, stream, cutting));

    private static List<string> Outcome(Variant variant, byte[] stream, Cutting cutting)
    {
        try
        {
            return AssemblerDriver.Run(variant.Framing, stream, cutting);
        }
        catch (Exception broken)
        {
            return [$"{broken.GetType().Name}: {broken.Message}"];
        }
    }

    private static string Report(Variant variant, byte[] stream, Cutting cutting, int seed, int index)
    {
        (byte[] small, Cutting simple) = Shrink(variant, stream, cutting);
        return $"""
            {variant.Name}: seed {seed}, stream {index} ({SeedVariable}={seed} repeats it)
            stream    {Convert.ToHexString(stream)}, {cutting}
            shrunk to {Convert.ToHexString(small)}, {simple}
            reference {string.Join(" | ", variant.Reference(small, simple))}
            decoder   {string.Join(" | ", Outcome(variant, small, simple))}
            """;
    }

    /// <summary>Drops cuts, then bytes, as long as the outcomes differ.</summary>
    private static (byte[] Stream, Cutting Cutting) Shrink(Variant variant, byte[] stream, Cutting cutting)
    {
        int tries = 0;
        bool smaller = true;
        while (smaller && tries < MostTries)
        {
            smaller = false;
            foreach (Cutting simpler in cutting.Shrink())
            {
                tries++;
                if (Differ(variant, stream, simpler))
                {
                    (cutting, smaller) = (simpler, true);
                    break;
                }
            }

            for (int length = Math.Max(1, stream.Length / 2); length > 0; length /= 2)
            {
                for (int start = 0; start + length <= stream.Length && tries < MostTries; tries++)
                {
                    byte[] shorter = [.. stream[..start], .. stream[(start + length)..]];
                    if (Differ(variant, shorter, cutting))
                        (stream, smaller) = (shorter, true);
                    else
                        start += length;
                }
            }
        }

        return (stream, cutting);
    }
}
