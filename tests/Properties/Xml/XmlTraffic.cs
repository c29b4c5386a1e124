using Framing.Properties.Generators;
using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Xml;

/// <summary>Well-formed documents, with what may stand between them.</summary>
public sealed record XmlTraffic((int Seed, int Size)[] Seeds, string[] Gaps)
{
    private static readonly string[] s_gaps = ["", "", "", " ", "\n", "\r\n\t ", "\n\n\n\n", "\uFEFF", " \uFEFF\n"];

    public byte[][] Documents { get; } = [.. Seeds.Select(document => XmlText.Document(document.Seed, document.Size))];

    public byte[] Bytes => [.. Documents.SelectMany((document, i) => (byte[])[.. Gap(i), .. document]), .. Gap(Documents.Length).Where(b => b is not (0xEF or 0xBB or 0xBF))];

    public static Arbitrary<XmlTraffic> Arbitrary() => Arb.From(
        from count in Gen.Frequency((8, Gen.Choose(1, 6)), (1, Gen.Constant(0)))
        from seeds in Gen.ArrayOf(Gen.Zip(Gen.Choose(0, int.MaxValue), Gen.Frequency((4, Gen.Choose(0, 6)), (4, Gen.Choose(0, 30)), (1, Gen.Choose(100, 400)))), count)
        from gaps in Gen.ArrayOf(Gen.Elements(s_gaps), 7)
        select new XmlTraffic([.. seeds.Select(seed => (seed.Item1, seed.Item2))], gaps),
        traffic => Shrinking.Of(traffic.Seeds, seed => Shrinking.Of(seed.Size, 0).Select(size => (seed.Seed, size))).Select(seeds => traffic with { Seeds = seeds }));

    public byte[] Gap(int i) => System.Text.Encoding.UTF8.GetBytes(Gaps[i % Gaps.Length]);

    public override string ToString() => string.Join(" | ", Documents.Select(System.Text.Encoding.UTF8.GetString));
}

/// <summary>Well-formed documents after small accidents: bytes turned, lost, put in, doubled.</summary>
public sealed record MutatedXml((int Seed, int Size)[] Seeds, (int Kind, int Place, int Value)[] Accidents)
{
    private static readonly byte[] s_interesting = [.. "<>/\"'&?!-[]= x:1DC\n"u8, 0, 0x80, 0xC3, 0xEF, 0xFE];

    public byte[] Bytes => Accidents.Aggregate((byte[])[.. Seeds.SelectMany(document => XmlText.Document(document.Seed, document.Size))], Happen);

    public static Arbitrary<MutatedXml> Arbitrary() => Arb.From(
        from count in Gen.Choose(1, 3)
        from seeds in Gen.ArrayOf(Gen.Zip(Gen.Choose(0, int.MaxValue), Gen.Choose(0, 8)), count)
        from accidents in Gen.Choose(0, 3)
        from happened in Gen.ArrayOf(Gen.Zip(Gen.Choose(0, 4), Gen.Zip(Gen.Choose(0, int.MaxValue), Gen.Choose(0, int.MaxValue))), accidents)
        select new MutatedXml([.. seeds.Select(seed => (seed.Item1, seed.Item2))], [.. happened.Select(h => (h.Item1, h.Item2.Item1, h.Item2.Item2))]),
        traffic => Shrinking.Of(traffic.Accidents).Select(accidents => traffic with { Accidents = accidents })
            .Concat(Shrinking.Of(traffic.Seeds, seed => Shrinking.Of(seed.Size, 0).Select(size => (seed.Seed, size))).Select(seeds => traffic with { Seeds = seeds })));

    public override string ToString() => $"{System.Text.Encoding.Latin1.GetString(Bytes)} ({Convert.ToHexString(Bytes)})";

    private static byte[] Happen(byte[] bytes, (int Kind, int Place, int Value) accident)
    {
        if (bytes.Length == 0)
        {
            return bytes;
        }

        int place = accident.Place % bytes.Length;
        byte interesting = s_interesting[accident.Value % s_interesting.Length];
        int length = Math.Min(accident.Value % 20, bytes.Length - place);
        return accident.Kind switch
        {
            0 => [.. bytes[..place], (byte)(bytes[place] ^ (1 << (accident.Value % 8))), .. bytes[(place + 1)..]],
            1 => [.. bytes[..place], .. bytes[(place + length)..]],
            2 => [.. bytes[..place], interesting, .. bytes[place..]],
            3 => [.. bytes[..place], interesting, .. bytes[(place + 1)..]],
            _ => [.. bytes[..(place + length)], .. bytes[place..]],
        };
    }
}
