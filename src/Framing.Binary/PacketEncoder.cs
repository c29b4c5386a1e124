using System.Buffers;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// Writes packets (PACKET_HEAD and payload) that <see cref="BinaryFraming"/> of the same options accepts, and by WriteMessage messages that <see cref="MessageFraming"/> does. Refuses everything else before it writes
/// a byte. Immutable; any thread. Allocates nothing for a packet.
/// </summary>
public sealed class PacketEncoder
{
    private readonly int _maxPayloadLength;
    private readonly int _maxMessageLength;
    private readonly PacketHeadCheck<PacketHead> _check;

    /// <summary>Takes over the options.</summary>
    /// <param name="options">Those of the framing; null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, its value and the range.</exception>
    public PacketEncoder(BinaryFramingOptions? options = null)
    {
        options = (options ?? new BinaryFramingOptions()).Validated();
        _maxPayloadLength = options.MaxPayloadLength;
        _maxMessageLength = options.MaxMessageLength;
        _check = BinaryFraming.CheckFor(options) ?? ((in head) => head.CheckTotalLength(TotalLengthRule.AtLeastCurrent));
    }

    /// <summary>Writes one packet.</summary>
    /// <param name="output">Where it goes, for example an <c>ArrayPoolBufferWriter</c>.</param>
    /// <param name="type">The packet's type: 0 to 65535, and among the allowed ones.</param>
    /// <param name="serialNumber">The packet's sequence number.</param>
    /// <param name="payload">The payload; at most MaxPayloadLength bytes. It must not overlap the memory of <paramref name="output"/>.</param>
    /// <param name="totalLength">Payload bytes of the whole message; null: of this packet, which is the whole message. What TotalLengthRule says holds.</param>
    /// <returns>Bytes written: 12 and the payload's.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A field cannot hold its value or the options forbid it; names value and limit. Nothing was written.</exception>
    public int Write(IBufferWriter<byte> output, int type, uint serialNumber, ReadOnlySpan<byte> payload, long? totalLength = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        RequireAtMost(payload, _maxPayloadLength);
        PacketHead head = Head(type, serialNumber, payload, totalLength);
        Require(in head, nameof(totalLength));
        int length = PacketHead.Size + payload.Length;
        Write(output.GetSpan(length), in head, payload);
        output.Advance(length);
        return length;
    }

    /// <summary>
    /// Splits a message into packets and writes them all: each with MaxPayloadLength bytes of it, the last with the rest; their serial numbers go up by one, mod 2^32.
    /// An empty message is one packet.
    /// </summary>
    /// <param name="output">Where they go, for example an <c>ArrayPoolBufferWriter</c>; asked for one packet's room at a time.</param>
    /// <param name="type">The type of every packet: 0 to 65535, and among the allowed ones.</param>
    /// <param name="serialNumber">The sequence number of the first packet.</param>
    /// <param name="message">The payload of the whole message; at most MaxMessageLength bytes. It must not overlap the memory of <paramref name="output"/>.</param>
    /// <returns>Bytes written: the message's, and 12 for each packet.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A field cannot hold its value or the options forbid it; names value and limit. Nothing was written.</exception>
    public int WriteMessage(IBufferWriter<byte> output, int type, uint serialNumber, ReadOnlySpan<byte> message)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (message.Length > _maxMessageLength)
        {
            throw new ArgumentOutOfRangeException(nameof(message), message.Length,
                $"{RejectionReasons.MessageTooLong}: the message has {message.Length} bytes; the limit is {_maxMessageLength}.");
        }

        // Packets differ in nothing that is judged but their length, and no rule is broken by a shorter one.
        PacketHead head = Head(type, serialNumber, message[..Math.Min(message.Length, _maxPayloadLength)], message.Length);
        Require(in head, nameof(message));
        int written = 0;
        do
        {
            int length = MessagePackets.WriteNext(
                output.GetSpan(PacketHead.Size + Math.Min(message.Length, _maxPayloadLength)), ref head, ref message, _maxPayloadLength);
            output.Advance(length);
            written += length;
        }
        while (!message.IsEmpty);
        return written;
    }

    /// <summary>A header whose fields hold these values; never a cast that loses some of one.</summary>
    internal static PacketHead Head(int type, uint serialNumber, ReadOnlySpan<byte> payload, long? totalLength)
    {
        if (type is < 0 or > ushort.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, $"Type is {type}; the field holds 0 to {ushort.MaxValue}.");
        }

        RequireAtMost(payload, ushort.MaxValue);
        long total = totalLength ?? payload.Length;
        if (total is < int.MinValue or > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(totalLength), total, $"TotalLength is {total}; the field holds {int.MinValue} to {int.MaxValue}.");
        }

        return new PacketHead((int)total, serialNumber, (ushort)payload.Length, (ushort)type);
    }

    internal static void Write(Span<byte> output, in PacketHead head, ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(output[PacketHead.Size..]);
        head.Write(output);
    }

    private void Require(in PacketHead head, string length)
    {
        if (_check(in head) is { } rejection)
        {
            string limit = rejection.Limit is { } value ? $"; the limit is {value}" : "";
            throw new ArgumentOutOfRangeException(rejection.Field == nameof(PacketHead.Type) ? "type" : length, rejection.Value,
                $"{rejection.Reason}: {rejection.Field} is {rejection.Value}{limit}.");
        }
    }

    private static void RequireAtMost(ReadOnlySpan<byte> payload, int limit)
    {
        if (payload.Length > limit)
        {
            throw new ArgumentOutOfRangeException(nameof(payload), payload.Length, $"The payload has {payload.Length} bytes; the limit is {limit}.");
        }
    }
}
