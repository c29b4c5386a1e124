using System.Buffers.Binary;

namespace Framing.Integration;

/// <summary>PACKET_HEAD frames, written and read by code of the tests' own.</summary>
internal static class Packets
{
    public const int HeaderSize = 12;

    public static byte[] Make(int payloadLength, uint serial = 0, ushort type = 1)
    {
        byte[] frame = new byte[HeaderSize + payloadLength];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), serial);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(8), (ushort)payloadLength);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(10), type);
        for (int i = 0; i < payloadLength; i++)
        {
            frame[HeaderSize + i] = (byte)(serial + (i * 7));
        }

        return frame;
    }

    public static byte[] MakeMany(IEnumerable<int> payloadLengths)
        => payloadLengths.SelectMany((length, i) => Make(length, (uint)i)).ToArray();

    public static uint Serial(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);

    public static ushort Type(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16LittleEndian(frame[10..]);

    public static int PayloadLength(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16LittleEndian(frame[8..]);
}
