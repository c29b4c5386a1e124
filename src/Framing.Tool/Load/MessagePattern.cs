using Framing.Binary;
using Framing.Tool.Parsing;

namespace Framing.Tool.Load;

/// <summary>
/// What is sent: a message of fixed length for each connection and serial number, never stored. Payloads are windows of one table of random bytes, so
/// writing one is a copy and checking one is a vectorised comparison. In raw XML a message is the payload alone: the server looks at no byte of it.
/// </summary>
internal sealed class MessagePattern
{
    private const int Windows = 1 << 16;

    private readonly byte[] _table;
    private readonly int _payload;
    private readonly int _head;

    public MessagePattern(FramingKind framing, int payload)
    {
        _payload = payload;
        _head = framing == FramingKind.Binary ? PacketHead.Size : 0;
        _table = new byte[Windows + payload];
        // Seeded: a failure can be looked at again.
        new Random(1).NextBytes(_table);
    }

    /// <summary>Bytes in a message, header included; at least 1.</summary>
    public int Length => _head + _payload;

    /// <summary>Writes the whole message.</summary>
    public void Write(Span<byte> destination, int connection, long serial)
    {
        WriteHead(destination, connection, serial);
        Payload(connection, serial).CopyTo(destination[_head..]);
    }

    /// <summary>Whether <paramref name="bytes"/> are those of the message from <paramref name="position"/> on; they must not reach beyond its end.</summary>
    public bool Matches(ReadOnlySpan<byte> bytes, int connection, long serial, int position)
    {
        if (position < _head)
        {
            Span<byte> head = stackalloc byte[PacketHead.Size];
            WriteHead(head, connection, serial);
            var length = Math.Min(_head - position, bytes.Length);
            if (!bytes[..length].SequenceEqual(head.Slice(position, length)))
                return false;
            bytes = bytes[length..];
            if (bytes.IsEmpty)
                return true;
            position = _head;
        }

        return bytes.SequenceEqual(Payload(connection, serial).Slice(position - _head, bytes.Length));
    }

    private void WriteHead(Span<byte> destination, int connection, long serial)
    {
        // The type tells connections apart, so that an echo on the wrong one is noticed even without payload.
        if (_head > 0)
            new PacketHead(_payload, (uint)serial, (ushort)_payload, (ushort)connection).Write(destination);
    }

    private ReadOnlySpan<byte> Payload(int connection, long serial)
    {
        // Odd multipliers: neighbours in either direction are far apart in the table.
        var window = unchecked(((uint)connection * 0x9E3779B1u) + ((uint)serial * 0x85EBCA6Bu)) >> 16;
        return _table.AsSpan((int)window, _payload);
    }
}
