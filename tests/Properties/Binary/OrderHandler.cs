using System.Buffers.Binary;
using Iocp.Core;

namespace Orders;

/// <summary>Answers an order with what it holds, under the next kind.</summary>
public sealed class OrderHandler : IFrameHandler
{
    public void OnFrame(Connection connection, Frame frame)
    {
        OrderHead.TryRead(frame.Bytes[..OrderHead.Size], out OrderHead head);
        Send(connection, (ushort)(head.Kind + 1), frame.Bytes[OrderHead.Size..]);
    }

    // Header and payload are one send. It copies them before it returns, so they may be put together on the stack (MaxPayloadLength is 4096; longer ones in a rented
    // array). There is room: a server reads no further orders from a peer whose answers fill its queue.
    private static void Send(Connection connection, ushort kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[OrderHead.Size + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, OrderHead.Magic);
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], kind);
        BinaryPrimitives.WriteUInt32BigEndian(frame[4..], (uint)frame.Length);
        payload.CopyTo(frame[OrderHead.Size..]);
        connection.Send(frame);
    }
}
