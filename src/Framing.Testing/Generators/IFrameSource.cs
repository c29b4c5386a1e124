using FsCheck;

namespace Framing.Testing;

/// <summary>Says what the frames of a framing look like, for <see cref="FrameArbitraries{TFrames}"/>.</summary>
public interface IFrameSource
{
    /// <summary>Whole legal frames as on the wire; where each is one of some samples, <c>Gen.Elements(samples)</c>. Short ones find most.</summary>
    static abstract Gen<byte[]> Frame { get; }

    /// <summary>Simpler legal frames for one that a failing case has, the simplest first. Default: none, and the case keeps its frames as they are.</summary>
    /// <param name="frame">A frame of <see cref="Frame"/>, or one that was shrunk.</param>
    static virtual IEnumerable<byte[]> Shrink(byte[] frame) => [];
}
