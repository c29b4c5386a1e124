using Framing.Properties.Generators;
using Framing.Testing;

namespace Framing.Properties.Differential;

/// <summary>What happens to a stream on its way to the decoder: bytes turned, lost, put in, doubled, an end too early; and the cuts.</summary>
internal static class Accidents
{
    private static readonly byte[] s_edges = [0, 1, 0x7F, 0x80, 0xFF];

    /// <summary>The stream after 0 to 3 accidents; half of the streams have none.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="stream">Is not changed.</param>
    /// <param name="interesting">Bytes that mean something to the decoder.</param>
    public static byte[] Happen(Random random, byte[] stream, ReadOnlySpan<byte> interesting)
    {
        for (int accidents = random.Next(2) == 0 ? 0 : random.Next(1, 4); accidents > 0 && stream.Length > 0; accidents--)
        {
            int place = random.Next(stream.Length);
            int length = random.Next(Math.Min(20, stream.Length - place) + 1);
            ReadOnlySpan<byte> choices = interesting.IsEmpty || random.Next(4) == 0 ? s_edges : interesting;
            byte value = choices[random.Next(choices.Length)];
            stream = random.Next(7) switch
            {
                0 => [.. stream[..place], (byte)(stream[place] ^ (1 << random.Next(8))), .. stream[(place + 1)..]],
                1 => [.. stream[..place], .. stream[(place + length)..]],
                2 => [.. stream[..place], value, .. stream[place..]],
                3 => [.. stream[..(place + length)], .. stream[place..]],
                4 => stream[..place],
                _ => [.. stream[..place], value, .. stream[(place + 1)..]],
            };
        }

        return stream;
    }

    /// <summary>A cutting that falls inside headers, inside payloads, on boundaries, or nowhere.</summary>
    public static Cutting Cut(Random random, int length) => random.Next(8) switch
    {
        0 => Cutting.Whole,
        1 => Cutting.ByteByByte,
        2 or 3 when length > 1 => new Cutting([random.Next(1, length), int.MaxValue]),
        4 => Sizes(random, 4),
        5 or 6 => Sizes(random, 16),
        _ => Sizes(random, 64),
    };

    private static Cutting Sizes(Random random, int greatest)
    {
        int[] sizes = new int[random.Next(1, 6)];
        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = random.Next(1, greatest + 1);
        return new Cutting(sizes);
    }
}
