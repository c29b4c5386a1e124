using Framing.Testing;
using FsCheck;
using FsCheck.Fluent;
using Iocp.Core;

namespace Framing.Properties.Generators;

/// <summary>A stream of legal frames and nothing else.</summary>
public sealed record LegalTraffic<TFormats>(WireFormat Format, FrameTraffic Traffic)
    where TFormats : IWireFormats
{
    public IReadOnlyList<byte[]> Frames => Traffic.Frames;

    public byte[] Bytes => Traffic.Bytes;

    public Cutting Cutting => Traffic.Cutting;

    public IEnumerable<LegalTraffic<TFormats>> Shrink() => Traffic.Shrink(Format.Simpler).Select(traffic => this with { Traffic = traffic });

    public override string ToString() => $"{Format}: {Traffic}";
}

/// <summary>Legal frames, then an illegal header, then whatever the peer sends after it.</summary>
public sealed record MalformedTraffic<TFormats>(WireFormat Format, FrameTraffic Legal, byte[] Head, FrameRejection Rejection, byte[] Rest)
    where TFormats : IWireFormats
{
    public IReadOnlyList<byte[]> Frames => Legal.Frames;

    public byte[] Bytes => [.. Legal.Bytes, .. Head, .. Rest];

    public Cutting Cutting => Legal.Cutting;

    public IEnumerable<MalformedTraffic<TFormats>> Shrink()
    {
        if (Rest.Length > 0)
        {
            yield return this with { Rest = [] };
            yield return this with { Rest = Rest[..(Rest.Length / 2)] };
        }

        foreach (FrameTraffic legal in Legal.Shrink(Format.Simpler))
        {
            yield return this with { Legal = legal };
        }
    }

    public override string ToString()
        => $"{Format}: {Legal}, then {Convert.ToHexString(Head)} ({Rejection.Reason} {Rejection.Field}={Rejection.Value}), then {Rest.Length} bytes";
}

/// <summary>Bytes that may mean anything: chance, plausible headers, frames, and what happens to them.</summary>
public sealed record HostileTraffic<TFormats>(WireFormat Format, DamagedTraffic Traffic)
    where TFormats : IWireFormats
{
    public byte[] Bytes => Traffic.Bytes;

    public Cutting Cutting => Traffic.Cutting;

    public IEnumerable<HostileTraffic<TFormats>> Shrink() => Traffic.Shrink().Select(traffic => this with { Traffic = traffic });

    public override string ToString() => $"{Format}: {Traffic}";
}

/// <summary>Generators of streams, whatever the format; registered with <c>[Properties(Arbitrary = ...)]</c>.</summary>
public static class Traffic
{
    public static Arbitrary<Cutting> Cuttings() => Arb.From(FrameGenerators.Cutting, cutting => cutting.Shrink());

    public static Arbitrary<PausePlan> Pauses() => Arb.From(PausePlan.Generator, plan => plan.Shrink());

    public static Arbitrary<LegalTraffic<T>> Legal<T>()
        where T : IWireFormats
    {
        Gen<LegalTraffic<T>> generator =
            from format in Gen.Elements(T.All)
            from traffic in Frames(format)
            select new LegalTraffic<T>(format, traffic);
        return Arb.From(generator, traffic => traffic.Shrink());
    }

    public static Arbitrary<MalformedTraffic<T>> Malformed<T>()
        where T : IWireFormats
    {
        Gen<MalformedTraffic<T>> generator =
            from format in Gen.Elements(T.All)
            from legal in Frames(format)
            from malformed in format.MalformedHead
            from rest in Bytes(Gen.Choose(0, 100))
            from cutting in FrameGenerators.CuttingOf([.. legal.Frames, malformed.Head, rest])
            select new MalformedTraffic<T>(format, new FrameTraffic(legal.Frames, cutting), malformed.Head, malformed.Rejection, rest);
        return Arb.From(generator, traffic => traffic.Shrink());
    }

    public static Arbitrary<HostileTraffic<T>> Hostile<T>()
        where T : IWireFormats
    {
        Gen<HostileTraffic<T>> generator =
            from format in Gen.Elements(T.All)
            from traffic in FrameGenerators.Damaged(FrameGenerators.Traffic(Piece(format), most: 5))
            select new HostileTraffic<T>(format, traffic);
        return Arb.From(generator, traffic => traffic.Shrink());
    }

    public static Gen<byte[]> Bytes(Gen<int> length)
        => from count in length
           from seed in Gen.Choose(0, int.MaxValue)
           select RandomBytes(count, seed);

    public static Gen<byte[]> Payload(int max) => Bytes(Gen.Frequency(
        (20, Gen.Choose(0, Math.Min(max, 24))),
        (4, Gen.Choose(0, Math.Min(max, 400))),
        (1, Gen.Elements(0, 1, max - 1, max).Where(length => length <= 8192 || max > 8192))));

    private static Gen<FrameTraffic> Frames(WireFormat format) => FrameGenerators.Traffic(Payload(format.MaxPayload).SelectMany(format.Frame));

    private static Gen<byte[]> Piece(WireFormat format) => Gen.OneOf(Bytes(Gen.Choose(1, 60)), format.AnyHead, Payload(format.MaxPayload).SelectMany(format.Frame));

    // A payload's content matters little, its identity much: one seed is a small thing to generate and to shrink.
    private static byte[] RandomBytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
