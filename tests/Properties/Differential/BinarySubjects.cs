using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;

namespace Framing.Properties.Differential;

/// <summary>Length-prefixed frames: PACKET_HEAD under any options, a user's own header, headers declared as data.</summary>
internal static class BinarySubjects
{
    private static readonly int[] s_limits = [1, 2, 15, 16, 17, 64, 255, 256, 8192, 65535];

    public static Variant PacketHead(Random random)
    {
        BinaryFramingOptions options = new()
        {
            MaxPayloadLength = s_limits[random.Next(s_limits.Length)],
            TotalLengthRule = (TotalLengthRule)random.Next(4),
            AllowedTypes = random.Next(3) == 0 ? [0, 7, 500, 65535] : null,
        };
        return Of(new PacketHeadFormat(options), chance => Packet(chance, options.MaxPayloadLength));
    }

    public static Variant OrderHead(Random random)
    {
        OrderHeadFormat format = new(s_limits[random.Next(s_limits.Length)]);
        return Of(format, chance => Order(chance, format.MaxPayload));
    }

    public static Variant Layout(Random random)
    {
        LayoutTraffic traffic = new(random.Next());
        return new Variant(
            LayoutText.Json(traffic.Layout), new LayoutFraming(traffic.Layout),
            (stream, _) => LayoutReference.Run(traffic.Layout, stream),
            chance => Accidents.Happen(chance, traffic.Stream(chance), []));
    }

    private static Variant Of(WireFormat format, Func<Random, byte[]> frame) => new(
        format.ToString()!, format.Framing, (stream, _) => ReferenceDecoder.Run(format, stream),
        chance => Accidents.Happen(chance, [.. Enumerable.Range(0, chance.Next(1, 6)).SelectMany(_ => frame(chance))], []));

    private static byte[] Packet(Random random, int max)
    {
        int length = PayloadLength(random, max);
        int claimed = random.Next(10) == 0 ? Near(random, max) : length;
        int total = random.Next(8) switch
        {
            0 => random.Next(),
            1 => claimed + random.Next(-1, 2),
            2 => random.Next(8) == 0 ? -1 - random.Next() : claimed,
            _ => claimed,
        };
        int type = random.Next(6) switch { 0 => random.Next(65536), 1 => 65535, 2 => 0, 3 => 500, _ => 7 };
        return [.. PacketHeadFormat.Head(total, (uint)random.Next(), Math.Clamp(claimed, 0, 65535), type), .. Payload(random, length)];
    }

    private static byte[] Order(Random random, int max)
    {
        int length = PayloadLength(random, max);
        uint claimed = random.Next(12) switch
        {
            0 => (uint)(8 + Near(random, max)),
            1 => (uint)random.Next(0, 9),
            2 => random.Next(4) == 0 ? 0x80000000u + (uint)random.Next(10) : (uint)(8 + length),
            _ => (uint)(8 + length),
        };
        return [.. OrderHeadFormat.Head(random.Next(20) == 0 ? random.Next(65536) : 0x4F48, random.Next(65536), claimed), .. Payload(random, length)];
    }

    // Long payloads are rare: they would cost more than they find.
    private static int PayloadLength(Random random, int max) => random.Next(8) switch
    {
        0 => 0,
        1 when max <= 256 || random.Next(100) == 0 => max,
        _ => random.Next(Math.Min(max, 30) + 1),
    };

    private static int Near(Random random, int number) => Math.Max(0, number + random.Next(-1, 2));

    private static byte[] Payload(Random random, int length)
    {
        byte[] payload = new byte[length];
        random.NextBytes(payload);
        return payload;
    }
}
