using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Testing;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary.Layouts;

/// <summary>docs/your-own-header.md, declared headers, rule by rule, in bytes that were written by hand.</summary>
public sealed class LayoutFramingRules
{
    [Theory]
    [InlineData(1, 0, ByteOrder.BigEndian, "02")]
    [InlineData(1, 2, ByteOrder.LittleEndian, "EEEE02")]
    [InlineData(2, 0, ByteOrder.BigEndian, "0002")]
    [InlineData(2, 1, ByteOrder.LittleEndian, "EE0200")]
    [InlineData(3, 0, ByteOrder.BigEndian, "000002")]
    [InlineData(3, 5, ByteOrder.LittleEndian, "EEEEEEEEEE020000")]
    [InlineData(4, 0, ByteOrder.BigEndian, "00000002")]
    [InlineData(4, 1, ByteOrder.LittleEndian, "EE02000000")]
    [InlineData(8, 3, ByteOrder.BigEndian, "EEEEEE0000000000000002")]
    [InlineData(8, 0, ByteOrder.LittleEndian, "0200000000000000")]
    public void The_length_field_has_1_2_3_4_or_8_bytes_at_any_offset_in_either_byte_order(int width, int offset, ByteOrder order, string header)
    {
        byte[] frame = [.. Convert.FromHexString(header), 0xAA, 0xBB];
        HeaderLayout layout = new() { HeaderSize = width + offset, ByteOrder = order, Length = new LengthField { Width = width, Offset = offset } };
        Expect(layout, [.. frame, .. frame], Describe.Frame(0, 0, frame), Describe.Frame(1, frame.Length, frame), Describe.Clean);
    }

    [Theory]
    [InlineData(LengthCounts.Payload, 0, 2)]
    [InlineData(LengthCounts.Payload, -1, 3)]
    [InlineData(LengthCounts.Payload, 2, 0)]
    [InlineData(LengthCounts.Frame, 0, 6)]
    [InlineData(LengthCounts.Frame, 3, 3)]
    [InlineData(LengthCounts.Frame, -4, 10)]
    public void The_length_counts_the_payload_or_the_frame_and_an_adjustment_is_added(LengthCounts counts, int adjustment, byte length)
    {
        byte[] frame = [0xEE, length, 0xEE, 0xEE, 0xAA, 0xBB];
        HeaderLayout layout = new() { HeaderSize = 4, Length = new LengthField { Offset = 1, Width = 1, Counts = counts, Adjustment = adjustment } };
        Expect(layout, frame, Describe.Frame(0, 0, frame), Describe.Clean);
    }

    [Fact]
    public void A_length_that_is_less_than_none_is_FieldOutOfRange()
    {
        HeaderLayout layout = new() { HeaderSize = 4, Length = new LengthField { Width = 2, Counts = LengthCounts.Frame } };
        Expect(layout, [0, 3, 0, 0], Describe.Rejected(new FrameRejection("FieldOutOfRange", "Length", 3, 4)));
        Expect(layout, [0, 4, 0, 0], Describe.Frame(0, 0, [0, 4, 0, 0]), Describe.Clean);
    }

    [Theory]
    [InlineData("4F48 02 FE 00", null, 0, 0)]
    [InlineData("4F49 02 FE 00", "Magic", 0x4F49, 0x4F48)]
    [InlineData("4F49 02 FE 64", "Magic", 0x4F49, 0x4F48)]      // before its payload has come
    [InlineData("4F48 00 FE 00", "Version", 0, 1)]
    [InlineData("4F48 01 FE 00", null, 0, 0)]
    [InlineData("4F48 03 FE 00", null, 0, 0)]
    [InlineData("4F48 04 FE 00", "Version", 4, 3)]
    [InlineData("4F48 02 FD 00", "Level", -3, -2)]
    [InlineData("4F48 02 7F 00", null, 0, 0)]
    public void A_field_that_is_not_among_its_values_or_outside_its_range_is_FieldOutOfRange(string header, string? field, int value, int? limit)
    {
        HeaderLayout layout = new()
        {
            HeaderSize = 5,
            Length = new LengthField { Offset = 4, Width = 1 },
            Fields =
            [
                new HeaderField { Name = "Magic", Offset = 0, Width = 2, Values = [0x4F48] },
                new HeaderField { Name = "Version", Offset = 2, Width = 1, Minimum = 1, Maximum = 3 },
                new HeaderField { Name = "Level", Offset = 3, Width = 1, IsSigned = true, Minimum = -2 },
            ],
        };
        byte[] bytes = Convert.FromHexString(header.Replace(" ", "", StringComparison.Ordinal));
        string[] lines = field is null ? [Describe.Frame(0, 0, bytes), Describe.Clean] : [Describe.Rejected(new FrameRejection("FieldOutOfRange", field, value, limit))];
        Expect(layout, bytes, lines);
    }

    [Fact]
    public void A_payload_longer_than_MaxPayloadLength_is_PayloadTooLong_before_it_is_waited_for()
    {
        HeaderLayout layout = new() { HeaderSize = 2, Length = new LengthField { Width = 2 }, MaxPayloadLength = 3 };
        Expect(layout, [0, 4], Describe.Rejected(new FrameRejection("PayloadTooLong", "Length", 4, 3)));
        Expect(layout, [0, 3, 1, 2, 3], Describe.Frame(0, 0, [0, 3, 1, 2, 3]), Describe.Clean);
    }

    private static void Expect(HeaderLayout layout, byte[] stream, params string[] lines)
    {
        Assert.Equal(lines, AssemblerDriver.Run(new LayoutFraming(layout), stream, Cutting.Whole));
        Assert.Equal(lines, AssemblerDriver.Run(new LayoutFraming(layout), stream, Cutting.ByteByByte));
    }
}
