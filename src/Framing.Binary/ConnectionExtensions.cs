using System.Buffers;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>Sending a packet, or the packets of a message, without making them first.</summary>
public static class ConnectionExtensions
{
    // Room on the stack for what most packets need; longer ones are put together in a pooled array.
    private const int OnStack = 1024;

    /// <summary>
    /// Puts PACKET_HEAD before the payload and queues both as one send; allocates nothing. What the connection's framing forbids
    /// is <see cref="SendStatus.Refused"/>, as with every send.
    /// </summary>
    /// <param name="connection">Where to.</param>
    /// <param name="type">The packet's type: 0 to 65535.</param>
    /// <param name="serialNumber">The packet's sequence number.</param>
    /// <param name="payload">The payload: at most 65535 bytes, and what the framing allows. Copied before this returns.</param>
    /// <param name="totalLength">Payload bytes of the whole message; null: of this packet, which is the whole message.</param>
    /// <exception cref="ArgumentOutOfRangeException">A field cannot hold its value; nothing was queued.</exception>
    public static SendResult SendPacket(
        this Connection connection, int type, uint serialNumber, ReadOnlySpan<byte> payload, long? totalLength = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        PacketHead head = PacketEncoder.Head(type, serialNumber, payload, totalLength);
        int length = PacketHead.Size + payload.Length;
        byte[]? rented = null;
        Span<byte> packet = length <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            PacketEncoder.Write(packet, in head, payload);
            return connection.Send(packet[..length]);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>As <see cref="SendPacket"/>, but waits for room in the send queue instead of saying <see cref="SendStatus.QueueFull"/>.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="type">The packet's type: 0 to 65535.</param>
    /// <param name="serialNumber">The packet's sequence number.</param>
    /// <param name="payload">The payload; copied before this returns.</param>
    /// <param name="totalLength">Payload bytes of the whole message; null: of this packet, which is the whole message.</param>
    /// <param name="cancellationToken">Gives up waiting; nothing was queued then.</param>
    /// <exception cref="ArgumentOutOfRangeException">A field cannot hold its value; thrown before anything is queued.</exception>
    public static ValueTask<SendResult> SendPacketAsync(
        this Connection connection, int type, uint serialNumber, ReadOnlySpan<byte> payload, long? totalLength = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        PacketHead head = PacketEncoder.Head(type, serialNumber, payload, totalLength);
        int length = PacketHead.Size + payload.Length;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        PacketEncoder.Write(rented, in head, payload);
        return SendAndReturn(connection, rented, length, cancellationToken);
    }

    /// <summary>
    /// Splits a message into packets and queues them all as one send, so that messages sent from several threads do not mix; allocates nothing. Serial numbers
    /// go up by one, mod 2^32. What the connection's framing forbids is <see cref="SendStatus.Refused"/>, as with every send.
    /// </summary>
    /// <param name="connection">Where to.</param>
    /// <param name="type">The type of every packet: 0 to 65535.</param>
    /// <param name="serialNumber">The sequence number of the first packet.</param>
    /// <param name="message">The payload of the whole message, and what the framing allows. Copied before this returns.</param>
    /// <param name="maxPayloadLength">Most bytes of the message in a packet: 1 to 65535; what the framing of the options allows is 8192 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A field cannot hold its value, or the packets would be longer than an array; nothing was queued.</exception>
    public static SendResult SendMessage(this Connection connection, int type, uint serialNumber, ReadOnlySpan<byte> message, int maxPayloadLength = 8192)
    {
        ArgumentNullException.ThrowIfNull(connection);
        byte[] rented = RentMessage(type, serialNumber, message, maxPayloadLength, out int length);
        try
        {
            return connection.Send(rented.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>As <see cref="SendMessage"/>, but waits for room in the send queue instead of saying <see cref="SendStatus.QueueFull"/>.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="type">The type of every packet: 0 to 65535.</param>
    /// <param name="serialNumber">The sequence number of the first packet.</param>
    /// <param name="message">The payload of the whole message; copied before this returns.</param>
    /// <param name="maxPayloadLength">Most bytes of the message in a packet: 1 to 65535.</param>
    /// <param name="cancellationToken">Gives up waiting; nothing was queued then.</param>
    /// <exception cref="ArgumentOutOfRangeException">A field cannot hold its value, or the packets would be longer than an array; thrown before anything is queued.</exception>
    public static ValueTask<SendResult> SendMessageAsync(
        this Connection connection, int type, uint serialNumber, ReadOnlySpan<byte> message, int maxPayloadLength = 8192, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        byte[] rented = RentMessage(type, serialNumber, message, maxPayloadLength, out int length);
        return SendAndReturn(connection, rented, length, cancellationToken);
    }

    private static byte[] RentMessage(int type, uint serialNumber, ReadOnlySpan<byte> message, int maxPayloadLength, out int length)
    {
        if (maxPayloadLength is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(maxPayloadLength), maxPayloadLength,
                $"{nameof(maxPayloadLength)} is {maxPayloadLength}; it must be 1 to {ushort.MaxValue}.");
        }

        PacketHead head = PacketEncoder.Head(type, serialNumber, message[..Math.Min(message.Length, maxPayloadLength)], message.Length);
        long whole = MessagePackets.Length(message.Length, maxPayloadLength);
        if (whole > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(message), message.Length, $"The message's packets have {whole} bytes; the limit is {Array.MaxLength}.");
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(length = (int)whole);
        for (int written = 0; written < length;)
        {
            written += MessagePackets.WriteNext(rented.AsSpan(written), ref head, ref message, maxPayloadLength);
        }

        return rented;
    }

    private static async ValueTask<SendResult> SendAndReturn(Connection connection, byte[] rented, int length, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.SendAsync(rented.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
