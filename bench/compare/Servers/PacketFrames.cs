using System.Buffers;
using System.Buffers.Binary;

namespace Framing.Compare;

/// <summary>PACKET_HEAD for the servers that have no framing of their own: 12 bytes, the payload's length at 8, the message's at 0.</summary>
internal static class PacketFrames
{
    public const int HeadLength = 12;
    public const int MaxFrameLength = HeadLength + 8192;

    /// <summary>Bytes of the whole frames at the beginning; -1: an illegal header.</summary>
    public static int Whole(ReadOnlySpan<byte> bytes)
    {
        int offset = 0;
        while (bytes.Length - offset >= HeadLength)
        {
            int frame = LengthOf(bytes[offset..]);
            if (frame < 0)
                return -1;
            if (bytes.Length - offset < frame)
                break;
            offset += frame;
        }

        return offset;
    }

    /// <summary>As <see cref="Whole(ReadOnlySpan{byte})"/>, over bytes in pieces.</summary>
    public static long Whole(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
            return Whole(bytes.FirstSpan);
        var reader = new SequenceReader<byte>(bytes);
        Span<byte> copy = stackalloc byte[HeadLength];
        while (reader.Remaining >= HeadLength)
        {
            scoped ReadOnlySpan<byte> head = reader.UnreadSpan;
            if (head.Length < HeadLength)
            {
                reader.TryCopyTo(copy);
                head = copy;
            }

            int frame = LengthOf(head);
            if (frame < 0)
                return -1;
            if (reader.Remaining < frame)
                break;
            reader.Advance(frame);
        }

        return reader.Consumed;
    }

    private static int LengthOf(ReadOnlySpan<byte> head)
    {
        int total = BinaryPrimitives.ReadInt32LittleEndian(head);
        int payload = BinaryPrimitives.ReadUInt16LittleEndian(head[8..]);
        return HeadLength + payload > MaxFrameLength || total < payload ? -1 : HeadLength + payload;
    }
}
