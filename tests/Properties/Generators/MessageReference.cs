using Framing.Binary;
using Framing.Properties.Decoding;
using Iocp.Core;

namespace Framing.Properties.Generators;

/// <summary>The judge of message reassembly: has the whole stream at once, and does the obvious thing, slowly and without the product's code.</summary>
internal static class MessageReference
{
    public static List<string> Run(BinaryFramingOptions options, byte[] stream)
    {
        List<string> lines = [];
        int start = 0;      // of the message
        int offset = 0;     // of the packet
        List<byte> message = [];
        byte[] first = [];
        while (offset < stream.Length)
        {
            if (stream.Length - offset < 12)
                return [.. lines, Describe.Truncated(start, stream.Length - start)];

            byte[] head = stream[offset..(offset + 12)];
            bool begins = offset == start;
            first = begins ? head : first;
            uint expected = unchecked(BitConverter.ToUInt32(stream, LastHead(stream, start, offset) + 4) + 1);
            FrameRejection? rejection = Packet(options, head) ?? (begins ? null : Following(first, head, expected, message.Count)) ?? Empty(head);
            if (rejection is not null)
                return [.. lines, Describe.Rejected(rejection with { StreamOffset = start, FrameIndex = lines.Count })];
            if (stream.Length - offset - 12 < Current(head))
                return [.. lines, Describe.Truncated(start, stream.Length - start)];

            message.AddRange(stream[(offset + 12)..(offset + 12 + Current(head))]);
            offset += 12 + Current(head);
            if (message.Count == Total(first))
            {
                lines.Add(Describe.Frame(lines.Count, start, [.. first, .. message]));
                message.Clear();
                start = offset;
            }
        }

        return [.. lines, start == offset ? Describe.Clean : Describe.Truncated(start, offset - start)];
    }

    // Walks over the message's packets again to the one before this.
    private static int LastHead(byte[] stream, int start, int offset)
    {
        int last = start;
        for (int at = start; at < offset; at += 12 + Current(stream[at..(at + 12)]))
            last = at;
        return last;
    }

    private static FrameRejection? Packet(BinaryFramingOptions options, byte[] head) => true switch
    {
        _ when Total(head) < 0 => new FrameRejection("TotalLengthNegative", "TotalLength", Total(head), 0),
        _ when Total(head) < Current(head) => new FrameRejection("TotalLengthTooShort", "TotalLength", Total(head), Current(head)),
        _ when Total(head) > options.MaxMessageLength => new FrameRejection("MessageTooLong", "TotalLength", Total(head), options.MaxMessageLength),
        _ when Current(head) > options.MaxPayloadLength => new FrameRejection("PayloadTooLong", "CurrentLength", Current(head), options.MaxPayloadLength),
        _ when options.AllowedTypes is { } types && !types.Contains((ushort)Type(head)) => new FrameRejection("TypeNotAllowed", "Type", Type(head)),
        _ => null,
    };

    private static FrameRejection? Following(byte[] first, byte[] head, uint serial, int soFar) => true switch
    {
        _ when Total(head) != Total(first) => new FrameRejection("TotalLengthChanged", "TotalLength", Total(head), Total(first)),
        _ when Type(head) != Type(first) => new FrameRejection("TypeChanged", "Type", Type(head), Type(first)),
        _ when BitConverter.ToUInt32(head, 4) != serial => new FrameRejection("SerialOutOfOrder", "SerialNumber", BitConverter.ToUInt32(head, 4), serial),
        _ when soFar + Current(head) > Total(first) => new FrameRejection("MessageOverrun", "CurrentLength", Current(head), Total(first) - soFar),
        _ => null,
    };

    private static FrameRejection? Empty(byte[] head)
        => Current(head) == 0 && Total(head) != 0 ? new FrameRejection("EmptyPacket", "CurrentLength", 0, 1) : null;

    private static int Total(byte[] head) => BitConverter.ToInt32(head, 0);

    private static int Current(byte[] head) => head[8] + (256 * head[9]);

    private static int Type(byte[] head) => head[10] + (256 * head[11]);
}
