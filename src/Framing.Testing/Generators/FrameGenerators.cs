using FsCheck;
using FsCheck.Fluent;

namespace Framing.Testing;

/// <summary>FsCheck's generators of streams of frames, of what happens to them, and of the ways in which a network cuts them.</summary>
/// <remarks><see cref="FrameArbitraries{TFrames}"/> has them with their shrinking, for properties to ask for.</remarks>
public static class FrameGenerators
{
    /// <summary>Cuttings of any stream: in one read, byte by byte, in small reads and large ones, in turns of them.</summary>
    public static Gen<Cutting> Cutting { get; } = Gen.Frequency(
        (2, Gen.Elements(Testing.Cutting.Whole, Testing.Cutting.ByteByByte)),
        (2, Sizes(Gen.Choose(1, 16))),                                              // inside headers
        (2, Sizes(Gen.Choose(1, 200))),                                             // several small frames a read, cut anywhere
        (1, Sizes(Gen.OneOf(Gen.Choose(1, 3), Gen.Choose(1_000, 9_000)))));

    /// <summary>Cuttings of these frames one after another: those of any stream, one frame a read, beside the frames' ends, inside their first bytes.</summary>
    /// <param name="frames">Whole frames, as on the wire.</param>
    public static Gen<Cutting> CuttingOf(IReadOnlyList<byte[]> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        int end = 0;
        int[] ends = [.. frames.Select(frame => end += frame.Length)];
        IEnumerable<int> heads = frames.SelectMany((frame, i) => Enumerable.Range(ends[i] - frame.Length + 1, Math.Min(16, frame.Length)));
        return Gen.Frequency(
            (3, Cutting),
            (1, Gen.Constant(Testing.Cutting.At(ends))),
            (2, Some(ends.SelectMany(each => Enumerable.Range(each - 1, 3)))),
            (2, Some(heads)));
    }

    /// <summary>Streams of 0 to <paramref name="most"/> frames, cut as <see cref="CuttingOf"/> cuts them.</summary>
    /// <param name="frame">Whole legal frames as on the wire; where each is one of some samples, <c>Gen.Elements(samples)</c>.</param>
    /// <param name="most">At least 0.</param>
    public static Gen<FrameTraffic> Traffic(Gen<byte[]> frame, int most = 8)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        return from count in Gen.Choose(0, most)
               from frames in Gen.ArrayOf(frame, count)
               from cutting in CuttingOf(frames)
               select new FrameTraffic(frames, cutting);
    }

    /// <summary>Traffic to which one to three things have happened: bits turned, bytes changed, lost, put in, repeated, an end too early.</summary>
    /// <param name="traffic">The traffic that it happens to.</param>
    public static Gen<DamagedTraffic> Damaged(Gen<FrameTraffic> traffic)
    {
        ArgumentNullException.ThrowIfNull(traffic);
        return from intact in traffic
               from count in Gen.Choose(1, 3)
               from seed in Gen.Choose(0, int.MaxValue)
               select Damage(intact, count, new Random(seed));
    }

    /// <summary>Traffic that ends too early, inside a frame or between two.</summary>
    /// <param name="traffic">The traffic that is ended early; nothing more can happen to an empty one.</param>
    public static Gen<DamagedTraffic> Truncated(Gen<FrameTraffic> traffic)
    {
        ArgumentNullException.ThrowIfNull(traffic);
        return from intact in traffic
               from length in Gen.Choose(0, Math.Max(0, intact.Bytes.Length - 1))
               select new DamagedTraffic(intact, [Testing.Damage.Ends(length)]);
    }

    private static DamagedTraffic Damage(FrameTraffic intact, int count, Random random)
    {
        byte[] bytes = intact.Bytes;
        Damage[] damages = new Damage[count];
        for (int i = 0; i < count; i++)
        {
            damages[i] = Testing.Damage.Next(bytes, intact.Bytes, random);
            bytes = damages[i].Of(bytes);
        }

        return new DamagedTraffic(intact, damages);
    }

    private static Gen<Cutting> Sizes(Gen<int> size)
        => Gen.Choose(1, 6).SelectMany(count => Gen.ArrayOf(size, count)).Select(sizes => new Cutting(sizes));

    private static Gen<Cutting> Some(IEnumerable<int> places) => Gen.SubListOf(places).Select(some => Testing.Cutting.At(some));
}
