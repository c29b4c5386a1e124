using Framing.Testing.Proving;

namespace Framing.Testing;

/// <summary>Frames one after another, as they are on the wire, and the reads in which they come. Immutable.</summary>
public sealed class FrameTraffic
{
    /// <summary>A stream of these frames.</summary>
    /// <param name="frames">Whole frames as on the wire, in order; not copied. None: an empty stream.</param>
    /// <param name="cutting">How it is cut into reads.</param>
    public FrameTraffic(IEnumerable<byte[]> frames, Cutting cutting)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(cutting);
        Frames = [.. frames];
        Cutting = cutting;
        Bytes = [.. Frames.SelectMany(frame => frame)];
    }

    /// <summary>The frames, as they are on the wire.</summary>
    public IReadOnlyList<byte[]> Frames { get; }

    /// <summary>How the stream is cut into reads.</summary>
    public Cutting Cutting { get; }

    /// <summary>The whole stream; not to be changed.</summary>
    public byte[] Bytes { get; }

    /// <summary>The stream read by read; no read is empty.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Reads => Cutting.Of(Bytes);

    /// <summary>Simpler ones, the simplest first: fewer frames, simpler frames, a simpler cutting.</summary>
    /// <param name="simpler">Simpler legal frames for a frame; null: frames stay as they are.</param>
    public IEnumerable<FrameTraffic> Shrink(Func<byte[], IEnumerable<byte[]>>? simpler = null)
    {
        byte[][] frames = [.. Frames];
        for (int run = frames.Length; run > 0; run /= 2)
        {
            for (int at = 0; at < frames.Length; at += run)
            {
                yield return new([.. frames[..at], .. frames[Math.Min(frames.Length, at + run)..]], Cutting);
            }
        }

        for (int i = 0; i < frames.Length && simpler is not null; i++)
        {
            foreach (byte[] frame in simpler(frames[i]))
            {
                yield return new([.. frames[..i], frame, .. frames[(i + 1)..]], Cutting);
            }
        }

        foreach (Cutting cutting in Cutting.Shrink(Bytes.Length))
        {
            yield return new(frames, cutting);
        }
    }

    /// <summary>The frames and the cutting.</summary>
    public override string ToString() => $"{Text(Frames)}, {Cutting}";

    internal static string Text(IReadOnlyList<byte[]> frames)
        => $"{frames.Count} frame{(frames.Count == 1 ? "" : "s")} [{string.Join("; ", frames.Select(frame => $"{OutcomeText.Hex(frame, 32)} ({frame.Length})"))}]";
}
