using System.Numerics;
using Framing.Binary;
using Framing.Properties.Decoding;
using Iocp.Core;

namespace Framing.Properties.Generators;

/// <summary>Declared headers as the documentation has them, written a second time: byte by byte, in numbers that never overflow, with the whole stream at hand.</summary>
internal static class LayoutReference
{
    public static Int128 Least(HeaderField field) => field.IsSigned ? -(Int128)BigInteger.Pow(2, (8 * field.Width) - 1) : 0;

    public static Int128 Greatest(HeaderField field) => (Int128)BigInteger.Pow(2, (8 * field.Width) - (field.IsSigned ? 1 : 0)) - 1;

    /// <summary>Payload = value of the length field + this.</summary>
    public static Int128 Addend(HeaderLayout layout) => layout.Length!.Adjustment - (layout.Length.Counts == LengthCounts.Frame ? layout.HeaderSize : 0);

    public static int MaxPayload(HeaderLayout layout)
        => layout.MaxPayloadLength ?? (int)Int128.Min(8192, (Int128)BigInteger.Pow(256, layout.Length!.Width) - 1 + Addend(layout));

    public static List<string> Run(HeaderLayout layout, byte[] stream)
    {
        List<string> lines = [];
        int offset = 0;
        while (offset < stream.Length)
        {
            byte[] rest = stream[offset..];
            FrameRejection? rejection = null;
            int frame = layout.HeaderSize;
            if (rest.Length >= frame)
            {
                rejection = JudgeHeader(layout, rest, out int payload);
                frame += payload;
            }

            if (rejection is null && rest.Length >= frame && layout.Checksum is { } checksum)
                rejection = JudgeChecksum(checksum, layout, rest[..frame]);
            if (rejection is not null)
            {
                lines.Add(Describe.Rejected(rejection with { StreamOffset = offset, FrameIndex = lines.Count }));
                return lines;
            }

            if (rest.Length < frame)
            {
                lines.Add(Describe.Truncated(offset, rest.Length));
                return lines;
            }

            lines.Add(Describe.Frame(lines.Count, offset + layout.BytesToStrip, rest.AsSpan(layout.BytesToStrip, frame - layout.BytesToStrip)));
            offset += frame;
        }

        lines.Add(Describe.Clean);
        return lines;
    }

    public static byte[] Frame(HeaderLayout layout, int payload, Random random, Func<HeaderField, Int128> valueOf)
    {
        int trailer = layout.Checksum is { Offset: null } ? 4 : 0;
        byte[] frame = new byte[layout.HeaderSize + payload + trailer];
        random.NextBytes(frame);
        Put(frame, layout.Length!.Offset, layout.Length.Width, layout.Length.ByteOrder ?? layout.ByteOrder, payload + trailer - Addend(layout));
        foreach (HeaderField field in layout.Fields)
            Put(frame, field.Offset, field.Width, field.ByteOrder ?? layout.ByteOrder, valueOf(field));
        if (layout.Checksum is { } checksum)
            Put(frame, checksum.Offset ?? frame.Length - 4, 4, checksum.ByteOrder ?? layout.ByteOrder, Sum(checksum, frame));
        return frame;
    }

    public static void Put(byte[] bytes, int offset, int width, ByteOrder order, Int128 value)
    {
        for (int i = 0; i < width; i++, value >>= 8)
            bytes[offset + (order == ByteOrder.LittleEndian ? i : width - 1 - i)] = (byte)(value & 0xFF);
    }

    public static Int128 Get(byte[] bytes, int offset, int width, ByteOrder order, bool signed)
    {
        byte[] number = bytes[offset..(offset + width)];
        return (Int128)new BigInteger(number, isUnsigned: !signed, isBigEndian: order == ByteOrder.BigEndian);
    }

    private static FrameRejection? JudgeHeader(HeaderLayout layout, byte[] bytes, out int payload)
    {
        LengthField length = layout.Length!;
        Int128 raw = Get(bytes, length.Offset, length.Width, length.ByteOrder ?? layout.ByteOrder, signed: false);
        Int128 claimed = raw + Addend(layout);
        payload = 0;
        foreach (HeaderField field in layout.Fields)
        {
            if (JudgeField(field, Get(bytes, field.Offset, field.Width, field.ByteOrder ?? layout.ByteOrder, field.IsSigned), claimed) is { } rejection)
                return rejection;
        }

        int least = layout.Checksum is { Offset: null } ? 4 : 0;
        if (claimed < least)
            return new FrameRejection("FieldOutOfRange", length.Name, raw, least - Addend(layout));
        if (raw < 0 || claimed > MaxPayload(layout))
            return new FrameRejection("PayloadTooLong", length.Name, raw, MaxPayload(layout) - Addend(layout));
        payload = (int)claimed;
        bool headerAlone = layout.Checksum is { Offset: not null, RangeEnd: not null };
        return headerAlone ? JudgeChecksum(layout.Checksum!, layout, bytes) : null;
    }

    private static FrameRejection? JudgeField(HeaderField field, Int128 value, Int128 payload)
    {
        if (field.TotalLength is { } rule)
        {
            bool comparable = payload >= 0 && payload <= long.MaxValue;
            return rule == TotalLengthRule.Ignored ? null
                : value < 0 ? new FrameRejection("TotalLengthNegative", field.Name, value, 0)
                : comparable && rule == TotalLengthRule.AtLeastCurrent && value < payload ? new FrameRejection("TotalLengthTooShort", field.Name, value, payload)
                : comparable && rule == TotalLengthRule.EqualsCurrent && value != payload ? new FrameRejection("TotalLengthMismatch", field.Name, value, payload)
                : null;
        }

        if (field.Values is { } values)
        {
            return values.Contains(value) ? null : new FrameRejection("FieldOutOfRange", field.Name, value, values.Count == 1 ? values[0] : null);
        }

        return value < field.Minimum ? new FrameRejection("FieldOutOfRange", field.Name, value, field.Minimum)
            : value > field.Maximum ? new FrameRejection("FieldOutOfRange", field.Name, value, field.Maximum)
            : null;
    }

    private static FrameRejection? JudgeChecksum(HeaderChecksum checksum, HeaderLayout layout, byte[] frame)
    {
        Int128 found = Get(frame, checksum.Offset ?? frame.Length - 4, 4, checksum.ByteOrder ?? layout.ByteOrder, signed: false);
        uint expected = Sum(checksum, frame);
        return found == expected ? null : new FrameRejection("ChecksumMismatch", checksum.Name, found, expected);
    }

    // Bit by bit, as the polynomials are printed (reflected).
    private static uint Sum(HeaderChecksum checksum, byte[] frame)
    {
        uint polynomial = checksum.Algorithm == ChecksumAlgorithm.Crc32 ? 0xEDB88320 : 0x82F63B78;
        uint crc = 0xFFFFFFFF;
        foreach (byte b in frame[checksum.RangeStart..(checksum.RangeEnd ?? (frame.Length - (checksum.Offset is null ? 4 : 0)))])
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * polynomial);
        }

        return ~crc;
    }
}
