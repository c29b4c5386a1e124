using Framing.Properties.Decoding;
using FsCheck;
using FsCheck.Fluent;
using Iocp.Core;

namespace Framing.Properties.Generators;

/// <summary>A stream of legal frames and nothing else.</summary>
public sealed record LegalTraffic<TFormats>(WireFormat Format, byte[][] Frames)
    where TFormats : IWireFormats
{
    public byte[] Bytes => [.. Frames.SelectMany(frame => frame)];

    public IEnumerable<LegalTraffic<TFormats>> Shrink() => ShrinkFrames(Format, Frames).Select(frames => this with { Frames = frames });

    public override string ToString() => $"{Format}: {Describe.Frames(Frames)}";

    internal static IEnumerable<byte[][]> ShrinkFrames(WireFormat format, byte[][] frames)
    {
        if (frames.Length > 1)
        {
            yield return frames[..(frames.Length / 2)];
            yield return frames[(frames.Length / 2)..];
        }

        for (int i = 0; i < frames.Length; i++)
        {
            yield return [.. frames[..i], .. frames[(i + 1)..]];
        }

        for (int i = 0; i < frames.Length; i++)
        {
            byte[] payload = frames[i][format.HeadSize..];
            if (payload.Length > 0)
            {
                yield return [.. frames[..i], format.WithPayload(frames[i], payload[..(payload.Length / 2)]), .. frames[(i + 1)..]];
                yield return [.. frames[..i], format.WithPayload(frames[i], payload[1..]), .. frames[(i + 1)..]];
            }
        }
    }
}

/// <summary>Legal frames, then an illegal header, then whatever the peer sends after it.</summary>
public sealed record MalformedTraffic<TFormats>(WireFormat Format, byte[][] Frames, byte[] Head, FrameRejection Rejection, byte[] Rest)
    where TFormats : IWireFormats
{
    public byte[] Bytes => [.. Frames.SelectMany(frame => frame), .. Head, .. Rest];

    public IEnumerable<MalformedTraffic<TFormats>> Shrink()
    {
        if (Rest.Length > 0)
        {
            yield return this with { Rest = [] };
            yield return this with { Rest = Rest[..(Rest.Length / 2)] };
        }

        foreach (byte[][] frames in LegalTraffic<TFormats>.ShrinkFrames(Format, Frames))
        {
            yield return this with { Frames = frames };
        }
    }

    public override string ToString()
        => $"{Format}: {Describe.Frames(Frames)}, then {Convert.ToHexString(Head)} ({Rejection.Reason} {Rejection.Field}={Rejection.Value}), then {Rest.Length} bytes";
}

/// <summary>Bytes that may mean anything: chance, plausible headers, frames with bits turned.</summary>
public sealed record HostileTraffic<TFormats>(WireFormat Format, byte[] Bytes)
    where TFormats : IWireFormats
{
    public IEnumerable<HostileTraffic<TFormats>> Shrink()
    {
        for (int size = Bytes.Length; size > 0; size /= 2)
        {
            yield return this with { Bytes = Bytes[..^size] };
            yield return this with { Bytes = Bytes[size..] };
        }

        for (int i = 0; i < Bytes.Length && Bytes.Length <= 64; i++)
        {
            if (Bytes[i] != 0)
            {
                yield return this with { Bytes = [.. Bytes[..i], 0, .. Bytes[(i + 1)..]] };
            }
        }
    }

    public override string ToString() => $"{Format}: {Describe.Bytes(Bytes)}";
}

/// <summary>Generators of streams, whatever the format; registered with <c>[Properties(Arbitrary = ...)]</c>.</summary>
public static class Traffic
{
    public static Arbitrary<Cutting> Cuttings() => Arb.From(Cutting.Generator, cutting => cutting.Shrink());

    public static Arbitrary<PausePlan> Pauses() => Arb.From(PausePlan.Generator, plan => plan.Shrink());

    public static Arbitrary<LegalTraffic<T>> Legal<T>()
        where T : IWireFormats
    {
        Gen<LegalTraffic<T>> generator =
            from format in Gen.Elements(T.All)
            from frames in Frames(format)
            select new LegalTraffic<T>(format, frames);
        return Arb.From(generator, traffic => traffic.Shrink());
    }

    public static Arbitrary<MalformedTraffic<T>> Malformed<T>()
        where T : IWireFormats
    {
        Gen<MalformedTraffic<T>> generator =
            from format in Gen.Elements(T.All)
            from frames in Frames(format)
            from malformed in format.MalformedHead
            from rest in Bytes(Gen.Choose(0, 100))
            select new MalformedTraffic<T>(format, frames, malformed.Head, malformed.Rejection, rest);
        return Arb.From(generator, traffic => traffic.Shrink());
    }

    public static Arbitrary<HostileTraffic<T>> Hostile<T>()
        where T : IWireFormats
    {
        Gen<HostileTraffic<T>> generator =
            from format in Gen.Elements(T.All)
            from pieces in Gen.Choose(1, 5).SelectMany(count => Gen.ArrayOf(Piece(format), count))
            select new HostileTraffic<T>(format, [.. pieces.SelectMany(piece => piece)]);
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

    private static Gen<byte[][]> Frames(WireFormat format)
        => Gen.Choose(0, 8).SelectMany(count => Gen.ArrayOf(Payload(format.MaxPayload).SelectMany(format.Frame), count));

    private static Gen<byte[]> Piece(WireFormat format) => Gen.OneOf(
        Bytes(Gen.Choose(1, 60)),
        format.AnyHead,
        Payload(format.MaxPayload).SelectMany(format.Frame),
        from frame in Payload(30).Where(payload => payload.Length <= format.MaxPayload).SelectMany(format.Frame)
        from bit in Gen.Choose(0, (frame.Length * 8) - 1)
        select Flip(frame, bit));

    private static byte[] Flip(byte[] frame, int bit)
    {
        byte[] flipped = [.. frame];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    // A payload's content matters little, its identity much: one seed is a small thing to generate and to shrink.
    private static byte[] RandomBytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
