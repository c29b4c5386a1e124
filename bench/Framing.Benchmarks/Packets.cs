using Framing.Binary;

namespace Framing.Benchmarks;

/// <summary>Streams to decode.</summary>
internal static class Packets
{
    /// <summary>PACKET_HEAD frames, one behind the other.</summary>
    public static byte[] Stream(int frames, int payload)
    {
        int length = PacketHead.Size + payload;
        var stream = new byte[frames * length];
        for (int i = 0; i < frames; i++)
            new PacketHead(payload, (uint)i, (ushort)payload, 1).Write(stream.AsSpan(i * length));
        return stream;
    }
}
