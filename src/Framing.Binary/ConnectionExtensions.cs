using System.Buffers;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>Sending a packet without making it first.</summary>
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
