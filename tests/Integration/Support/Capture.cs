using System.Buffers.Binary;

namespace Framing.Integration;

/// <summary>
/// A capture file (pcap, Ethernet, IPv4, TCP) of connections to one port that never were: each begins with its handshake, and each write is a segment, in order.
/// </summary>
internal sealed class Capture(ushort port)
{
    private const byte Syn = 0x02;
    private const byte Push = 0x08;
    private const byte Ack = 0x10;

    private readonly MemoryStream _file = Begin();
    private readonly Dictionary<ushort, uint[]> _sequences = [];    // by the client's port: the next number of each side
    private int _packets;

    public byte[] Content => _file.ToArray();

    /// <summary>The number of the last packet, counted from 1 as Wireshark does.</summary>
    public int Packets => _packets;

    /// <summary>Bytes of a packet that are kept, its headers of 54 bytes included.</summary>
    public int SnapLength { get; set; } = 65_535;

    public void ToServer(ReadOnlySpan<byte> segment, ushort client = 40_000) => Segment(segment, client, side: 0);

    public void ToClient(ReadOnlySpan<byte> segment, ushort client = 40_000) => Segment(segment, client, side: 1);

    private static MemoryStream Begin()
    {
        MemoryStream file = new();
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2C3D4);       // microseconds
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);           // version 2.4
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 65_535);     // longest packet
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);          // Ethernet
        file.Write(header);
        return file;
    }

    private void Segment(ReadOnlySpan<byte> segment, ushort client, int side)
    {
        if (_sequences.TryAdd(client, [1_000, 0xFFFFFFF0]))     // the server's numbers wrap around
        {
            Packet([], client, side: 0, Syn);
            Packet([], client, side: 1, Syn | Ack);
            Packet([], client, side: 0, Ack);
        }

        Packet(segment, client, side, Push | Ack);
    }

    private void Packet(ReadOnlySpan<byte> segment, ushort client, int side, byte flags)
    {
        const int ip = 14;
        const int tcp = ip + 20;
        uint[] next = _sequences[client];
        Span<byte> packet = new byte[tcp + 20 + segment.Length];
        BinaryPrimitives.WriteUInt16BigEndian(packet[12..], 0x0800);
        packet[ip] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[(ip + 2)..], (ushort)(packet.Length - ip));
        packet[ip + 8] = 64;
        packet[ip + 9] = 6;
        new byte[] { 10, 0, 0, (byte)(side == 0 ? 1 : 2), 10, 0, 0, (byte)(side == 0 ? 2 : 1) }.CopyTo(packet[(ip + 12)..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[tcp..], side == 0 ? client : port);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(tcp + 2)..], side == 0 ? port : client);
        BinaryPrimitives.WriteUInt32BigEndian(packet[(tcp + 4)..], next[side]);
        BinaryPrimitives.WriteUInt32BigEndian(packet[(tcp + 8)..], (flags & Ack) == 0 ? 0 : next[1 - side]);
        packet[tcp + 12] = 5 << 4;
        packet[tcp + 13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(packet[(tcp + 14)..], 65_000);
        segment.CopyTo(packet[(tcp + 20)..]);
        next[side] += (uint)segment.Length + ((flags & Syn) == 0 ? 0u : 1u);

        Span<byte> header = stackalloc byte[16];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header, _packets++);        // a packet a second
        int kept = Math.Min(packet.Length, SnapLength);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], kept);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], packet.Length);
        _file.Write(header);
        _file.Write(packet[..kept]);
    }
}
