using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>PACKET_HEAD: 12 bytes, little-endian, packed, at the head of every packet in both directions.</summary>
/// <param name="TotalLength">Payload bytes of the whole message, over all its packets.</param>
/// <param name="SerialNumber">Sequence number.</param>
/// <param name="CurrentLength">Payload bytes in this packet.</param>
/// <param name="Type">The application's packet type.</param>
public readonly record struct PacketHead(int TotalLength, uint SerialNumber, ushort CurrentLength, ushort Type) : IPacketHead<PacketHead>
{
    /// <summary>12: length of the header in bytes.</summary>
    public const int Size = 12;

    static int IPacketHead<PacketHead>.Size => Size;

    static string IPacketHead<PacketHead>.LengthField => nameof(CurrentLength);

    int IPacketHead<PacketHead>.PayloadLength => CurrentLength;

    /// <summary>Reads a header from the first 12 bytes. Any 12 bytes are a header; which values are legal is the framing's to say.</summary>
    /// <param name="bytes">At least 12 bytes.</param>
    /// <param name="head">The header.</param>
    /// <returns>Always null.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 12 bytes.</exception>
    public static FrameRejection? TryRead(ReadOnlySpan<byte> bytes, out PacketHead head)
    {
        bytes = bytes[..Size];      // one bounds check for the four reads
        head = new PacketHead(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]));
        return null;
    }

    /// <summary>Writes the header into the first 12 bytes.</summary>
    /// <param name="bytes">At least 12 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 12 bytes; nothing was written.</exception>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, TotalLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], SerialNumber);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], CurrentLength);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], Type);
    }

    static FrameRejection? IPacketHead<PacketHead>.DefaultCheck(in PacketHead head) => head.CheckTotalLength(TotalLengthRule.AtLeastCurrent);

    /// <summary>What <paramref name="rule"/> says of <see cref="TotalLength"/>.</summary>
    internal FrameRejection? CheckTotalLength(TotalLengthRule rule)
    {
        string? reason = rule switch
        {
            TotalLengthRule.Ignored => null,
            _ when TotalLength < 0 => RejectionReasons.TotalLengthNegative,
            TotalLengthRule.AtLeastCurrent when TotalLength < CurrentLength => RejectionReasons.TotalLengthTooShort,
            TotalLengthRule.EqualsCurrent when TotalLength != CurrentLength => RejectionReasons.TotalLengthMismatch,
            _ => null,
        };
        return reason is null ? null : Illegal(reason, TotalLength, CurrentLength);
    }

    // Apart, and of copies: so the header stays in registers, and no room is cleared on the stack for what is hardly ever made.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameRejection Illegal(string reason, int total, int current) => new(reason, nameof(TotalLength), total, total < 0 ? 0 : current);
}
