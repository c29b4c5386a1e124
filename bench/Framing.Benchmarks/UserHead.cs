using System.Buffers.Binary;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Benchmarks;

/// <summary>A header of somebody else's: big-endian, a kind (u16) and the length of the whole frame (u16).</summary>
public readonly record struct UserHead(ushort Kind, ushort FrameLength) : IPacketHead<UserHead>
{
    /// <inheritdoc/>
    public static int Size => 4;

    /// <inheritdoc/>
    public int PayloadLength => FrameLength - Size;

    /// <inheritdoc/>
    public static FrameRejection? TryRead(ReadOnlySpan<byte> bytes, out UserHead head)
    {
        head = new UserHead(BinaryPrimitives.ReadUInt16BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
        return null;
    }

    /// <summary>Frames, one behind the other.</summary>
    internal static byte[] Stream(int frames, int payload)
    {
        int length = Size + payload;
        var stream = new byte[frames * length];
        for (int i = 0; i < frames; i++)
            BinaryPrimitives.WriteUInt16BigEndian(stream.AsSpan((i * length) + 2), (ushort)length);
        return stream;
    }
}
