using Iocp.Core;

namespace Framing.Binary;

/// <summary>A rule for headers beyond what the header's own code demands.</summary>
/// <param name="head">A header that could be read; its payload's length is not judged yet.</param>
/// <returns>Null, or why the header is illegal.</returns>
/// <remarks>Called on workers, from several threads at once, once a look at a header. It must not block or throw, and allocate only to refuse.</remarks>
public delegate FrameRejection? PacketHeadCheck<THead>(in THead head)
    where THead : struct, IPacketHead<THead>;

/// <summary>What can be chosen for a <see cref="PacketFraming{THead}"/>; validated by its constructor.</summary>
/// <typeparam name="THead">The header.</typeparam>
public sealed class PacketFramingOptions<THead>
    where THead : struct, IPacketHead<THead>
{
    /// <summary>Longest legal payload in bytes: 1 to <see cref="Array.MaxLength"/> less the header; default 8192.</summary>
    public int MaxPayloadLength { get; init; } = 8192;

    /// <summary>The framing's name in logs and tools; not empty; default <c>binary</c> for <see cref="PacketHead"/>, and the name of the type for another header.</summary>
    public string Name { get; init; } = typeof(THead) == typeof(PacketHead) ? "binary" : typeof(THead).Name;

    /// <summary>Replaces <see cref="IPacketHead{TSelf}.DefaultCheck"/>; null (the default) keeps it.</summary>
    public PacketHeadCheck<THead>? Check { get; init; }
}
