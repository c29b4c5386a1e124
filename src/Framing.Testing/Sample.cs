namespace Framing.Testing;

/// <summary>A byte stream to prove a decoder with, and what must become of it. Immutable; the bytes are copied.</summary>
public sealed class Sample
{
    private Sample(string name, ReadOnlySpan<byte> stream, IEnumerable<byte[]>? frames, string? rejection)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Bytes = stream.ToArray();
        ExpectedFrames = frames?.Select((frame, i) => frame?.ToArray() ?? throw new ArgumentException($"frames[{i}] of {name} is null.", nameof(frames))).ToArray();
        ExpectedRejection = rejection;
    }

    /// <summary>What failures call it.</summary>
    public string Name { get; }

    /// <summary>The stream.</summary>
    public ReadOnlyMemory<byte> Stream => Bytes;

    /// <summary>Null for a legal stream; otherwise the <see cref="Iocp.Core.FrameRejection.Reason"/> that it must be refused with.</summary>
    public string? ExpectedRejection { get; }

    internal byte[] Bytes { get; }

    internal byte[][]? ExpectedFrames { get; }

    /// <summary>A legal stream that ends between frames.</summary>
    /// <param name="name">What failures call it; not empty.</param>
    /// <param name="stream">The bytes of the wire.</param>
    /// <param name="frames">The frames that must come of it, as they are delivered; null: not stated, and not checked.</param>
    public static Sample Legal(string name, ReadOnlySpan<byte> stream, IEnumerable<byte[]>? frames = null) => new(name, stream, frames, null);

    /// <summary>A legal stream that is made of frames which are delivered just as they are on the wire.</summary>
    /// <param name="name">What failures call it; not empty.</param>
    /// <param name="frames">The frames, in order.</param>
    public static Sample OfFrames(string name, params byte[][] frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return new(name, frames.SelectMany(frame => frame ?? []).ToArray(), frames, null);
    }

    /// <summary>A stream that must be refused.</summary>
    /// <param name="name">What failures call it; not empty.</param>
    /// <param name="stream">The bytes of the wire; more may follow the illegal ones.</param>
    /// <param name="reason">The rejection's <see cref="Iocp.Core.FrameRejection.Reason"/>.</param>
    /// <param name="frames">The frames that must come before the rejection; null: not stated, and not checked.</param>
    public static Sample Refused(string name, ReadOnlySpan<byte> stream, string reason, IEnumerable<byte[]>? frames = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new(name, stream, frames, reason);
    }

    /// <summary>The name and the length.</summary>
    public override string ToString() => $"{Name} ({Bytes.Length} bytes)";
}
