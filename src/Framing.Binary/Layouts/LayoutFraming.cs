using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// Frames that begin with a header declared as a <see cref="HeaderLayout"/>. A frame is header and payload, the wire's own bytes, less what the layout strips.
/// Immutable; may be used by several listeners and from any thread.
/// </summary>
public sealed class LayoutFraming : IFraming
{
    private readonly LayoutDecoder _decoder;        // stateless, so one serves every connection

    /// <summary>Takes over the layout.</summary>
    /// <param name="layout">What a frame's header looks like; copied.</param>
    /// <exception cref="ArgumentException">The layout is not valid; the message names the field, the value and the limit.</exception>
    public LayoutFraming(HeaderLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        layout.Validate();
        Name = layout.Name;
        MaxPayloadLength = layout.MaxPayload;
        MaxFrameLength = layout.HeaderSize + MaxPayloadLength;
        _decoder = new LayoutDecoder(layout);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Longest legal payload in bytes.</summary>
    public int MaxPayloadLength { get; }

    /// <inheritdoc/>
    public int MaxFrameLength { get; }

    /// <inheritdoc/>
    public IFrameDecoder CreateDecoder() => _decoder;

    /// <summary>Data must be one or more whole legal frames, headers included where the layout strips them from what is received.</summary>
    /// <param name="data">All bytes of one send.</param>
    /// <returns>
    /// Null, or what is wrong with the first illegal frame; its <see cref="FrameRejection.StreamOffset"/> and
    /// <see cref="FrameRejection.FrameIndex"/> are counted from the beginning of <paramref name="data"/>.
    /// </returns>
    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => OutgoingFrames.Check(_decoder, data);
}
