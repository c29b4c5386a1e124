using Framing.Properties.Generators;
using Framing.Testing;
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

/// <summary>Registers the generators of this folder.</summary>
public static class XmlArbitraries
{
    public static Arbitrary<XmlTraffic> Documents() => XmlTraffic.Arbitrary();

    public static Arbitrary<DamagedTraffic> Damaged() => FrameArbitraries<SmallDocuments>.Damaged();
}

/// <summary>Small documents, for what happens to them to meet every kind of place.</summary>
public sealed class SmallDocuments : IFrameSource
{
    public static Gen<byte[]> Frame { get; } =
        from seed in Gen.Choose(0, int.MaxValue)
        from size in Gen.Choose(0, 8)
        select XmlText.Document(seed, size);
}
