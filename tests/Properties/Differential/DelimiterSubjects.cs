using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;

namespace Framing.Properties.Differential;

/// <summary>Frames that end with a delimiter, and frames of a fixed size.</summary>
internal static class DelimiterSubjects
{
    private static readonly byte[] s_alphabet = [.. "ab\r\n"u8];

    public static Variant Delimiter(Random random)
    {
        while (true)
        {
            DelimiterFramingOptions options = new()
            {
                Delimiters = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (ReadOnlyMemory<byte>)Text(random, random.Next(1, 5)))],
                MaxPayloadLength = random.Next(3) == 0 ? 8192 : random.Next(1, 12),
                KeepDelimiter = random.Next(2) == 0,
                SkipEmpty = random.Next(2) == 0,
            };
            try
            {
                byte[][] delimiters = [.. options.Delimiters.Select(delimiter => delimiter.ToArray())];
                return new Variant(
                    $"delimiters {string.Join(", ", delimiters.Select(Convert.ToHexString))}, max {options.MaxPayloadLength}, keep {options.KeepDelimiter}, skip {options.SkipEmpty}",
                    new DelimiterFraming(options),
                    (stream, _) => DelimiterReference.Run(options, stream),
                    chance => Accidents.Happen(chance, Pieces(chance, delimiters), s_alphabet));
            }
            catch (ArgumentException)
            {
                // One that another one ends first: it has a test of its own.
            }
        }
    }

    public static Variant FixedSize(Random random)
    {
        int size = random.Next(8) == 0 ? 255 : random.Next(1, 20);
        return new Variant($"frames of {size} bytes", new FixedSizeFraming(size), (stream, _) => Lines(size, stream), chance => Text(chance, chance.Next(5 * Math.Min(size, 60))));
    }

    private static List<string> Lines(int size, byte[] stream)
    {
        List<string> lines = [.. stream.Chunk(size).Where(frame => frame.Length == size).Select((frame, index) => Describe.Frame(index, (long)index * size, frame))];
        int rest = stream.Length % size;
        return [.. lines, rest == 0 ? Describe.Clean : Describe.Truncated(stream.Length - rest, rest)];
    }

    private static byte[] Pieces(Random random, byte[][] delimiters)
    {
        List<byte> bytes = [];
        for (int pieces = random.Next(1, 8); pieces > 0; pieces--)
        {
            byte[] delimiter = delimiters[random.Next(delimiters.Length)];
            switch (random.Next(4))
            {
                case 0:
                    bytes.AddRange(Text(random, random.Next(6)));
                    break;
                case 1:
                    bytes.AddRange(delimiter[..random.Next(delimiter.Length)]);     // begun, and then something else
                    break;
                case 2:
                    bytes.AddRange(delimiter);
                    break;
                default:
                    bytes.AddRange(Enumerable.Repeat((byte)'x', random.Next(14)));
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] Text(Random random, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = s_alphabet[random.Next(s_alphabet.Length)];
        return bytes;
    }
}
