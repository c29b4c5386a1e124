using FsCheck;
using FsCheck.Fluent;

namespace Framing.Testing;

/// <summary>
/// FsCheck's arbitraries of streams of a framing: name it in <c>[Property(Arbitrary = [typeof(FrameArbitraries&lt;TFrames&gt;)])]</c>, and a property may
/// ask for a <see cref="FrameTraffic"/>, a <see cref="DamagedTraffic"/> and a <see cref="Cutting"/>. A failing case is shrunk.
/// </summary>
/// <typeparam name="TFrames">What the frames look like.</typeparam>
#pragma warning disable CA1000     // FsCheck looks for static members
public static class FrameArbitraries<TFrames>
    where TFrames : IFrameSource
{
    /// <summary>Streams of 0 to 8 legal frames, cut nastily.</summary>
    public static Arbitrary<FrameTraffic> Traffic() => Arb.From(FrameGenerators.Traffic(TFrames.Frame), traffic => traffic.Shrink(TFrames.Shrink));

    /// <summary>The same to which something has happened; one in four only ends too early.</summary>
    public static Arbitrary<DamagedTraffic> Damaged()
    {
        Gen<FrameTraffic> traffic = FrameGenerators.Traffic(TFrames.Frame);
        return Arb.From(
            Gen.Frequency((3, FrameGenerators.Damaged(traffic)), (1, FrameGenerators.Truncated(traffic))),
            damaged => damaged.Shrink(TFrames.Shrink));
    }

    /// <summary>Cuttings of any other stream.</summary>
    public static Arbitrary<Cutting> Cuttings() => Arb.From(FrameGenerators.Cutting, cutting => cutting.Shrink());
}
