using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// Frames that are whole messages of PACKET_HEAD packets. A frame is the header of the message's first packet, and then the payload of the whole message:
/// 12 + TotalLength bytes; <see cref="PacketMessage"/> shows it as fields. One message at a time on a connection. Immutable; may be used by several listeners and from any thread.
/// </summary>
/// <remarks>
/// The packets of a message have the same Type and TotalLength and serial numbers that go up by one from the first, mod 2^32; the message is whole when their payloads add
/// up to TotalLength. A packet without payload is a message only where TotalLength is 0. Each header is judged as soon as it is there, first by the rules of a packet on its own
/// (<see cref="RejectionReasons.MessageTooLong"/> among them), then by those of the message. A rejection's offset and index are those of the message.
/// A message that is one packet is delivered where it was read; others are copied, into a buffer that doubles with the bytes that came. How long a message may take
/// is for <see cref="FrameHostOptions.FrameTimeout"/> to say.
/// </remarks>
public sealed class MessageFraming : IFraming
{
    private static readonly FrameRejection s_truncated = new(RejectionReasons.TruncatedFrame);

    private readonly PacketFraming<PacketHead> _packets;

    /// <summary>Takes over the options.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range; the message names it, its value and the range. <see cref="TotalLengthRule"/> must be <see cref="TotalLengthRule.AtLeastCurrent"/>, the default.
    /// </exception>
    public MessageFraming(BinaryFramingOptions? options = null)
    {
        options = (options ?? new BinaryFramingOptions()).Validated();
        if (options.TotalLengthRule != TotalLengthRule.AtLeastCurrent)
        {
            throw new ArgumentException(
                $"{nameof(options.TotalLengthRule)} is {options.TotalLengthRule}; for messages it must be {TotalLengthRule.AtLeastCurrent}.", nameof(options));
        }

        MaxMessageLength = options.MaxMessageLength;
        _packets = new PacketFraming<PacketHead>(new PacketFramingOptions<PacketHead>
        {
            MaxPayloadLength = options.MaxPayloadLength,
            Check = CheckFor(options),
        });
    }

    /// <summary><c>binary-messages</c>.</summary>
    public string Name => "binary-messages";

    /// <summary>Longest legal payload of a message in bytes.</summary>
    public int MaxMessageLength { get; }

    /// <summary>Longest legal payload of a packet in bytes.</summary>
    public int MaxPayloadLength => _packets.MaxPayloadLength;

    /// <summary>The most bytes of the stream that one message may take: a header for each byte of <see cref="MaxMessageLength"/>. A frame has at most 12 + MaxMessageLength.</summary>
    public int MaxFrameLength => MaxMessageLength * (PacketHead.Size + 1);

    /// <inheritdoc/>
    public IFrameDecoder CreateDecoder() => new MessageDecoder(_packets.CreateDecoder());

    /// <summary>Data must be the packets of one or more whole legal messages, so that messages sent from several threads do not mix.</summary>
    /// <param name="data">All bytes of one send.</param>
    /// <returns>
    /// Null, or what is wrong with the first illegal message; its <see cref="FrameRejection.StreamOffset"/> and
    /// <see cref="FrameRejection.FrameIndex"/> are counted from the beginning of <paramref name="data"/>.
    /// </returns>
    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return new FrameRejection(RejectionReasons.EmptyData);
        }

        IFrameDecoder packets = _packets.CreateDecoder();
        MessageRules rules = default;
        int index = 0;
        int start = 0;
        for (int offset = 0; offset < data.Length || rules.InProgress;)
        {
            FrameRejection? rejection = CheckPacket(packets, in rules, data[offset..], out PacketHead head);
            if (rejection is not null)
            {
                return (rejection == s_truncated ? rejection with { Value = data.Length - start } : rejection) with { StreamOffset = start, FrameIndex = index };
            }

            offset += PacketHead.Size + head.CurrentLength;
            if (rules.Add(in head))
            {
                start = offset;
                index++;
            }
        }

        return null;
    }

    private static FrameRejection? CheckPacket(IFrameDecoder packets, in MessageRules rules, ReadOnlySpan<byte> rest, out PacketHead head)
    {
        head = default;
        if (rest.Length < PacketHead.Size)
        {
            return s_truncated;
        }

        DecodeResult packet = packets.Decode(rest);
        PacketHead.TryRead(rest, out head);
        return packet.Rejection ?? rules.Judge(in head) ?? (packet.Status == DecodeStatus.Frame ? null : s_truncated);
    }

    private static PacketHeadCheck<PacketHead> CheckFor(BinaryFramingOptions options)
    {
        int max = options.MaxMessageLength;
        PacketHeadCheck<PacketHead>? types = options.AllowedTypes is null ? null : BinaryFraming.CheckFor(options);
        return (in head) => head.CheckTotalLength(TotalLengthRule.AtLeastCurrent)
            ?? (head.TotalLength > max
                ? new FrameRejection(RejectionReasons.MessageTooLong, nameof(PacketHead.TotalLength), head.TotalLength, max)
                : types?.Invoke(in head));
    }
}
