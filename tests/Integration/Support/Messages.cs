using Iocp.Core;

namespace Framing.Integration;

/// <summary>Messages of several PACKET_HEAD packets, written by code of the tests' own.</summary>
internal static class Messages
{
    /// <summary>The packets of a message whose payload is 0, 1, 2, ...: each with that many bytes of it.</summary>
    public static byte[][] Packets(int length, uint serial, int packet, ushort type = 1)
    {
        int count = Math.Max(1, (length + packet - 1) / packet);
        return [.. Enumerable.Range(0, count).Select(i => Packet(length, serial + (uint)i, type, i * packet, Math.Min(packet, length - (i * packet))))];
    }

    /// <summary>The frame that a message is delivered as.</summary>
    public static byte[] Frame(int length, uint serial, int packet, ushort type = 1)
        => [.. Packets(length, serial, packet, type)[0].AsSpan(0, Integration.Packets.HeaderSize), .. Payload(0, length)];

    private static byte[] Packet(int total, uint serial, ushort type, int start, int length)
        => [.. BitConverter.GetBytes(total), .. BitConverter.GetBytes(serial), .. BitConverter.GetBytes((ushort)length), .. BitConverter.GetBytes(type), .. Payload(start, length)];

    private static byte[] Payload(int start, int length) => [.. Enumerable.Range(start, length).Select(i => (byte)i)];
}
