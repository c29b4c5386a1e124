using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// Frames that begin with a header of fixed size which says how long the payload is. A frame is header and payload, the wire's own bytes.
/// Immutable; may be used by several listeners and from any thread.
/// </summary>
/// <typeparam name="THead">The header; <see cref="PacketHead"/> is PACKET_HEAD.</typeparam>
public sealed class PacketFraming<THead> : IFraming
    where THead : struct, IPacketHead<THead>
{
    private readonly PacketDecoder<THead> _decoder;     // stateless, so one serves every connection

    /// <summary>Takes over the options.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">MaxPayloadLength is out of range.</exception>
    /// <exception cref="ArgumentException">Name is empty.</exception>
    /// <exception cref="InvalidOperationException">The header's Size is less than 1.</exception>
    public PacketFraming(PacketFramingOptions<THead>? options = null)
    {
        options ??= new PacketFramingOptions<THead>();
        if (THead.Size < 1)
        {
            throw new InvalidOperationException($"{typeof(THead).Name}.Size is {THead.Size}; a header has at least 1 byte.");
        }

        int max = options.MaxPayloadLength;
        if (max < 1 || max > Array.MaxLength - THead.Size)
        {
            throw new ArgumentOutOfRangeException(nameof(options), max,
                $"{nameof(options.MaxPayloadLength)} is {max}; it must be 1 to {Array.MaxLength - THead.Size}.");
        }

        if (string.IsNullOrWhiteSpace(options.Name))
        {
            throw new ArgumentException($"{nameof(options.Name)} is empty.", nameof(options));
        }

        Name = options.Name;
        MaxPayloadLength = max;
        _decoder = new PacketDecoder<THead>(max, options.Check);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Longest legal payload in bytes.</summary>
    public int MaxPayloadLength { get; }

    /// <inheritdoc/>
    public int MaxFrameLength => THead.Size + MaxPayloadLength;

    /// <inheritdoc/>
    public IFrameDecoder CreateDecoder() => _decoder;

    /// <summary>Data must be one or more whole legal frames.</summary>
    /// <param name="data">All bytes of one send.</param>
    /// <returns>
    /// Null, or what is wrong with the first illegal frame; its <see cref="FrameRejection.StreamOffset"/> and
    /// <see cref="FrameRejection.FrameIndex"/> are counted from the beginning of <paramref name="data"/>.
    /// </returns>
    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => _decoder.IsOneFrame(data) ? null : OutgoingFrames.Check(_decoder, data);
}
