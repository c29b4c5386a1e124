namespace Framing.Binary;

/// <summary>A frame of <see cref="MessageFraming"/> as fields: a view, valid as long as the frame's bytes are.</summary>
public readonly ref struct PacketMessage
{
    /// <summary>Looks at a frame.</summary>
    /// <param name="frame">The bytes of one frame: the header of the first packet and the payload of the whole message.</param>
    /// <exception cref="ArgumentException">It is no such frame: it does not have 12 + TotalLength bytes.</exception>
    public PacketMessage(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < PacketHead.Size)
        {
            throw new ArgumentException($"The frame has {frame.Length} bytes; a message has at least {PacketHead.Size}.", nameof(frame));
        }

        PacketHead.TryRead(frame, out PacketHead head);
        Head = head;
        Payload = frame[PacketHead.Size..];
        if (head.TotalLength != Payload.Length)
        {
            throw new ArgumentException($"TotalLength is {head.TotalLength}, but {Payload.Length} bytes follow the header: this is no whole message.", nameof(frame));
        }
    }

    /// <summary>The header of the first packet; its CurrentLength is that packet's.</summary>
    public PacketHead Head { get; }

    /// <summary>The type that all packets of the message have.</summary>
    public ushort Type => Head.Type;

    /// <summary>Serial number of the first packet; those of the others follow it.</summary>
    public uint SerialNumber => Head.SerialNumber;

    /// <summary>The payload of the whole message, TotalLength bytes.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
