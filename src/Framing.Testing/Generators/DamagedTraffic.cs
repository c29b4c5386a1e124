using Framing.Testing.Proving;

namespace Framing.Testing;

/// <summary>A stream of frames to which something has happened: bits turned, bytes changed, lost, put in, repeated, an end too early. Immutable.</summary>
public sealed class DamagedTraffic
{
    private const int Short = 64;

    private readonly FrameTraffic? _intact;      // null when bytes were left out to make the case smaller
    private readonly Damage[] _damages;

    internal DamagedTraffic(FrameTraffic intact, Damage[] damages)
        : this(damages.Aggregate(intact.Bytes, (bytes, damage) => damage.Of(bytes)), intact.Cutting, Ahead(intact.Frames, damages.Min(damage => damage.At)))
        => (_intact, _damages) = (intact, damages);

    private DamagedTraffic(byte[] bytes, Cutting cutting, IReadOnlyList<byte[]> framesAhead)
        => (Bytes, Cutting, FramesAhead, _damages) = (bytes, cutting, framesAhead, []);

    /// <summary>The whole stream; not to be changed.</summary>
    public byte[] Bytes { get; }

    /// <summary>How the stream is cut into reads.</summary>
    public Cutting Cutting { get; }

    /// <summary>The stream read by read; no read is empty.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Reads => Cutting.Of(Bytes);

    /// <summary>The frames, as on the wire, that are whole ahead of all damage: nothing that follows may change what comes of them.</summary>
    public IReadOnlyList<byte[]> FramesAhead { get; }

    /// <summary>Simpler ones, the simplest first: less damage, fewer and simpler frames; then bytes left out and made 0; then a simpler cutting.</summary>
    /// <param name="simpler">Simpler legal frames for a frame; null: frames stay as they are.</param>
    public IEnumerable<DamagedTraffic> Shrink(Func<byte[], IEnumerable<byte[]>>? simpler = null)
    {
        if (_intact is not null)
        {
            for (int i = 0; i < _damages.Length && _damages.Length > 1; i++)
            {
                yield return new(_intact, [.. _damages[..i], .. _damages[(i + 1)..]]);
            }

            foreach (FrameTraffic fewer in _intact.Shrink(simpler))
            {
                yield return new(fewer, _damages);
            }
        }

        int end = FramesAhead.Sum(frame => frame.Length);
        foreach (byte[] frame in FramesAhead.Reverse())
        {
            end -= frame.Length;
            yield return Changed(new Damage(end, frame.Length, []));
        }

        bool isShort = Bytes.Length <= Short;      // short enough to try every range
        for (int run = Bytes.Length; run > 0; run = isShort ? run - 1 : run / 2)
        {
            for (int at = 0; at <= Bytes.Length - run; at += isShort ? 1 : run)
            {
                yield return Changed(new Damage(at, run, []));
            }
        }

        for (int at = 0; isShort && at < Bytes.Length; at++)
        {
            if (Bytes[at] != 0)
            {
                yield return Changed(new Damage(at, 1, [0]));
            }
        }

        foreach (Cutting cutting in _intact is null ? Cutting.Shrink(Bytes.Length) : [])
        {
            yield return new(Bytes, cutting, FramesAhead);
        }
    }

    /// <summary>The bytes, what they were made of, and the cutting.</summary>
    public override string ToString()
    {
        string from = _intact is null ? "" : $" ({FrameTraffic.Text(_intact.Frames)}, where {string.Join(", then ", _damages.AsEnumerable())})";
        return $"{Bytes.Length} bytes {OutcomeText.Hex(Bytes, 256)}{from}, {Cutting}";
    }

    private DamagedTraffic Changed(Damage damage) => new(damage.Of(Bytes), Cutting, Ahead(FramesAhead, damage.At));

    private static byte[][] Ahead(IReadOnlyList<byte[]> frames, int damage)
    {
        int end = 0;
        return [.. frames.TakeWhile(frame => (end += frame.Length) <= damage)];
    }
}
