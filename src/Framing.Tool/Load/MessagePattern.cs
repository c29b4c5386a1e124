using System.Text.Unicode;
using Framing.Binary;
using Framing.Tool.Parsing;

namespace Framing.Tool.Load;

/// <summary>
/// What is sent: a message of fixed length for each connection and serial number, never stored. Payloads are windows of one table of random bytes, so
/// writing one is a copy and checking one is a vectorised comparison. In raw XML a message is the payload alone: the server looks at no byte of it.
/// A document is one element, which holds the payload as text.
/// </summary>
internal sealed class MessagePattern
{
    private const int Windows = 1 << 16;
    private const int LongestHead = 64;

    private readonly FramingKind _framing;
    private readonly byte[] _table;
    private readonly byte[] _end;
    private readonly int _payload;
    private readonly int _head;

    public MessagePattern(FramingKind framing, int payload)
    {
        _framing = framing;
        _payload = payload;
        _head = WriteHead(stackalloc byte[LongestHead], 0, 0);
        _end = framing == FramingKind.XmlDocument ? "</message>"u8.ToArray() : [];
        _table = new byte[Windows + payload];
        // Seeded: a failure can be looked at again.
        new Random(1).NextBytes(_table);
        if (framing == FramingKind.XmlDocument)
        {
            for (var i = 0; i < _table.Length; i++)
                _table[i] = (byte)('?' + (_table[i] % 64));     // from ? to ~: text, and no markup
        }
    }

    /// <summary>Bytes in a message, header included; at least 1.</summary>
    public int Length => _head + _payload + _end.Length;

    /// <summary>Writes the whole message.</summary>
    public void Write(Span<byte> destination, int connection, long serial)
    {
        WriteHead(destination, connection, serial);
        Payload(connection, serial).CopyTo(destination[_head..]);
        _end.CopyTo(destination[(_head + _payload)..]);
    }

    /// <summary>Whether <paramref name="bytes"/> are those of the message from <paramref name="position"/> on; they must not reach beyond its end.</summary>
    public bool Matches(ReadOnlySpan<byte> bytes, int connection, long serial, int position)
    {
        Span<byte> head = stackalloc byte[LongestHead];
        WriteHead(head, connection, serial);
        return Matches(ref bytes, ref position, head[.._head])
            && Matches(ref bytes, ref position, Payload(connection, serial))
            && Matches(ref bytes, ref position, _end);
    }

    /// <summary>One part of the message: passes over it, or over as much of it as there is. The position is counted from the part's beginning.</summary>
    private static bool Matches(ref ReadOnlySpan<byte> bytes, ref int position, scoped ReadOnlySpan<byte> part)
    {
        if (bytes.IsEmpty)
            return true;
        if (position < part.Length)
        {
            var length = Math.Min(part.Length - position, bytes.Length);
            if (!bytes[..length].SequenceEqual(part.Slice(position, length)))
                return false;
            bytes = bytes[length..];
            position += length;
        }

        position -= part.Length;
        return true;
    }

    /// <returns>Its length, which is the same for every message.</returns>
    private int WriteHead(Span<byte> destination, int connection, long serial)
    {
        var length = 0;
        switch (_framing)
        {
            case FramingKind.Binary:
                // The type tells connections apart, so that an echo on the wrong one is noticed even without payload.
                new PacketHead(_payload, (uint)serial, (ushort)_payload, (ushort)connection).Write(destination);
                length = PacketHead.Size;
                break;
            case FramingKind.XmlDocument:
                Utf8.TryWrite(destination, $"<message connection=\"{connection:x8}\" serial=\"{serial:x16}\">", out length);
                break;
        }

        return length;
    }

    private ReadOnlySpan<byte> Payload(int connection, long serial)
    {
        // Odd multipliers: neighbours in either direction are far apart in the table.
        var window = unchecked(((uint)connection * 0x9E3779B1u) + ((uint)serial * 0x85EBCA6Bu)) >> 16;
        return _table.AsSpan((int)window, _payload);
    }
}
