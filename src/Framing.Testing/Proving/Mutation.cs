namespace Framing.Testing.Proving;

/// <summary>Changes of a stream as faulty and hostile peers make them.</summary>
internal static class Mutation
{
    private static ReadOnlySpan<byte> Telling => [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF];

    public static byte[] Of(byte[] bytes, byte[] other, Random random)
    {
        if (bytes.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        int at = random.Next(bytes.Length);
        int end = at + 1 + random.Next(Math.Min(16, bytes.Length - at));
        byte[] changed = [.. bytes];
        switch (random.Next(9))
        {
            case 0:
                changed[at] ^= (byte)(1 << random.Next(8));
                return changed;
            case 1:
                changed[at] = Telling[random.Next(Telling.Length)];
                return changed;
            case 2:
                changed[at] = bytes[random.Next(bytes.Length)];
                return changed;
            case 3:
                random.NextBytes(changed.AsSpan(at..end));
                return changed;
            case 4:
                changed.AsSpan(at..end).Fill(Telling[random.Next(Telling.Length)]);
                return changed;
            case 5:
                return [.. bytes[..at], .. bytes[end..]];
            case 6:
                return [.. bytes[..end], .. bytes[at..]];
            case 7:
                return bytes[..at];
            default:
                return [.. bytes[..at], .. other[random.Next(other.Length + 1)..]];
        }
    }
}
