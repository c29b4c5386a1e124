using Framing.Testing.Proving;

namespace Framing.Testing;

/// <summary>One change of a stream as faulty and hostile peers make it: some bytes are there instead of some others.</summary>
/// <param name="At">Where, counted in the stream as it is by then; at its end when it is shorter.</param>
/// <param name="Length">How many bytes are gone; at most those that are there.</param>
/// <param name="Instead">The bytes that are in their place.</param>
internal sealed record Damage(int At, int Length, byte[] Instead)
{
    private const int Rest = int.MaxValue;

    private static ReadOnlySpan<byte> Telling => [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF];

    /// <summary>Any: a bit turned, bytes changed, left out, repeated, an end too early, another stream's end.</summary>
    public static Damage Next(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> other, Random random)
    {
        if (bytes.IsEmpty)
        {
            return new Damage(0, 0, [(byte)random.Next(256)]);
        }

        int at = random.Next(bytes.Length);
        int length = 1 + random.Next(Math.Min(16, bytes.Length - at));
        switch (random.Next(9))
        {
            case 0:
                return new Damage(at, 1, [(byte)(bytes[at] ^ (1 << random.Next(8)))]);
            case 1:
                return new Damage(at, 1, [Telling[random.Next(Telling.Length)]]);
            case 2:
                return new Damage(at, 1, [bytes[random.Next(bytes.Length)]]);
            case 3:
                byte[] chance = new byte[length];
                random.NextBytes(chance);
                return new Damage(at, length, chance);
            case 4:
                byte[] run = new byte[length];
                Array.Fill(run, Telling[random.Next(Telling.Length)]);
                return new Damage(at, length, run);
            case 5:
                return new Damage(at, length, []);
            case 6:
                return new Damage(at, 0, bytes.Slice(at, length).ToArray());
            case 7:
                return Ends(at);
            default:
                return new Damage(at, Rest, other[random.Next(other.Length + 1)..].ToArray());
        }
    }

    /// <summary>The stream ends there.</summary>
    public static Damage Ends(int at) => new(at, Rest, []);

    public byte[] Of(byte[] bytes)
    {
        int start = Math.Min(At, bytes.Length);
        return [.. bytes[..start], .. Instead, .. bytes[(start + Math.Min(Length, bytes.Length - start))..]];
    }

    public override string ToString() => (Length, Instead.Length) switch
    {
        (Rest, 0) => $"it ends at {At}",
        (Rest, _) => $"from {At} on it is {OutcomeText.Hex(Instead, 32)}",
        (_, 0) => $"{Length} bytes at {At} are missing",
        (0, _) => $"{OutcomeText.Hex(Instead, 32)} is put in at {At}",
        _ => $"{OutcomeText.Hex(Instead, 32)} is written over {At}",
    };
}
