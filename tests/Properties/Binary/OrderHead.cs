using System.Buffers.Binary;
using Framing.Binary;
using Iocp.Core;

namespace Orders;

/// <summary>Big-endian: a magic number (u16), a kind (u16), the length of the whole frame, this header included (u32).</summary>
public readonly record struct OrderHead(ushort Kind, uint FrameLength) : IPacketHead<OrderHead>
{
    public const ushort Magic = 0x4F48;

    public static int Size => 8;

    // Negative when the frame claims to be shorter than its header: the framing refuses that.
    public int PayloadLength => (int)Math.Min((long)FrameLength - Size, int.MaxValue);

    public static FrameRejection? TryRead(ReadOnlySpan<byte> bytes, out OrderHead head)
    {
        ushort magic = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        head = new OrderHead(BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));
        return magic == Magic ? null : new FrameRejection(RejectionReasons.FieldOutOfRange, nameof(Magic), magic, Magic);
    }
}
