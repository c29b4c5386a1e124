namespace Framing.Binary;

/// <summary>How a message is split: into packets of the longest payload, the last of them shorter; a message without payload is one packet.</summary>
internal static class MessagePackets
{
    /// <summary>Bytes of all packets; more than an array holds, where the message is too long for that.</summary>
    public static long Length(int message, int maxPayload) => message + ((long)PacketHead.Size * Math.Max(1, (message + (long)maxPayload - 1) / maxPayload));

    /// <summary>Writes the packet that begins <paramref name="message"/> and moves both on.</summary>
    /// <param name="output">At least as long as the packet.</param>
    /// <param name="head">TotalLength and Type of the message, and the serial number of this packet; then that of the next.</param>
    /// <param name="message">What is left of the message.</param>
    /// <param name="maxPayload">Most bytes of it that go into this packet.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteNext(Span<byte> output, ref PacketHead head, ref ReadOnlySpan<byte> message, int maxPayload)
    {
        int payload = Math.Min(message.Length, maxPayload);
        PacketEncoder.Write(output, head with { CurrentLength = (ushort)payload }, message[..payload]);
        head = head with { SerialNumber = unchecked(head.SerialNumber + 1) };
        message = message[payload..];
        return PacketHead.Size + payload;
    }
}
