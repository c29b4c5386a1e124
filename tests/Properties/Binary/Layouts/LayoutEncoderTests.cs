using System.Buffers;
using Framing.Binary;
using Xunit;

namespace Framing.Properties.Binary.Layouts;

/// <summary>What the encoder fills in, and what it refuses before it writes a byte.</summary>
public sealed class LayoutEncoderTests
{
    private static readonly HeaderLayout s_layout = new()
    {
        HeaderSize = 12,
        Length = new LengthField { Offset = 2, Width = 2, Counts = LengthCounts.Frame },
        MaxPayloadLength = 300,
        Fields =
        [
            new HeaderField { Name = "Magic", Offset = 0, Width = 2, Values = [0x4F48] },
            new HeaderField { Name = "Kind", Offset = 4, Width = 1, Minimum = 1, Maximum = 9 },
            new HeaderField { Name = "Delta", Offset = 5, Width = 1, IsSigned = true },
            new HeaderField { Name = "Version", Offset = 6, Width = 1, Values = [0, 2] },
            new HeaderField { Name = "Total", Offset = 8, Width = 4, TotalLength = TotalLengthRule.AtLeastCurrent },
        ],
    };

    [Fact]
    public void Length_magic_and_total_are_filled_in_and_gaps_are_0()
        => Assert.Equal("4F48000F03FE000000000003616263", Convert.ToHexString(Write("abc"u8, ("Kind", 3), ("Delta", -2))));

    [Fact]
    public void A_checksum_at_the_end_is_computed_counted_and_written()
    {
        HeaderLayout layout = new() { HeaderSize = 1, Length = new LengthField { Width = 1 }, Checksum = new HeaderChecksum { RangeStart = 1 } };
        ArrayBufferWriter<byte> output = new();
        Assert.Equal(14, new LayoutEncoder(layout).Write(output, "123456789"u8));
        Assert.Equal("0D313233343536373839CBF43926", Convert.ToHexString(output.WrittenSpan));      // the check value of CRC-32
    }

    [Fact]
    public void CRC_32C_has_its_check_value()
    {
        HeaderLayout layout = new() { HeaderSize = 1, Length = new LengthField { Width = 1 }, Checksum = new HeaderChecksum { RangeStart = 1, Algorithm = ChecksumAlgorithm.Crc32C } };
        ArrayBufferWriter<byte> output = new();
        new LayoutEncoder(layout).Write(output, "123456789"u8);
        Assert.Equal("E3069283", Convert.ToHexString(output.WrittenSpan[10..]));
    }

    [Theory]
    [InlineData("Kind", 0, "FieldOutOfRange: Kind is 0; the limit is 1.")]
    [InlineData("Kind", 10, "FieldOutOfRange: Kind is 10; the limit is 9.")]
    [InlineData("Kind", 256, "Kind is 256; the field holds 0 to 255.")]
    [InlineData("Delta", 128, "Delta is 128; the field holds -128 to 127.")]
    [InlineData("Delta", -129, "Delta is -129; the field holds -128 to 127.")]
    [InlineData("Magic", 1, "FieldOutOfRange: Magic is 1; the limit is 20296.")]
    [InlineData("Version", 1, "FieldOutOfRange: Version is 1.")]
    [InlineData("Total", 2, "TotalLengthTooShort: Total is 2; the limit is 3.")]
    [InlineData("Total", 4294967296, "Total is 4294967296; the field holds 0 to 4294967295.")]
    public void A_value_that_the_field_must_not_have_is_refused(string name, long value, string message)
        => Refuses<ArgumentOutOfRangeException>(message, 3, name == "Kind" ? [(name, value)] : [("Kind", 1), (name, value)]);

    [Fact]
    public void A_field_that_must_be_given_is_named_when_it_is_not() => Refuses<ArgumentOutOfRangeException>("FieldOutOfRange: Kind is 0; the limit is 1.", 3);

    [Fact]
    public void A_payload_that_is_too_long_is_refused() => Refuses<ArgumentOutOfRangeException>("The payload has 301 bytes; the layout allows 0 to 300.", 301, ("Kind", 1));

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public void A_payload_is_as_long_as_the_length_field_can_state_and_leaves_room_for_the_checksum(int length, bool legal)
    {
        // With the checksum at the end 7 to 10 bytes follow the header: a length of 0 states 7.
        HeaderLayout layout = new() { HeaderSize = 1, Length = new LengthField { Width = 1, Adjustment = 7 }, MaxPayloadLength = 10, Checksum = new HeaderChecksum() };
        ArrayBufferWriter<byte> output = new();
        LayoutEncoder encoder = new(layout);
        if (legal)
        {
            Assert.Equal(1 + length + 4, encoder.Write(output, new byte[length]));
            Assert.Null(new LayoutFraming(layout).CheckOutgoing(output.WrittenSpan));
            return;
        }

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Write(output, new byte[length]));
        Assert.StartsWith($"The payload has {length} bytes; the layout allows 3 to 6.", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void The_checksum_is_worked_out_and_cannot_be_given()
    {
        HeaderLayout layout = new() { HeaderSize = 1, Length = new LengthField { Width = 1 }, Checksum = new HeaderChecksum { Name = "Sum" } };
        ArrayBufferWriter<byte> output = new();
        ArgumentException error = Assert.Throws<ArgumentException>(() => new LayoutEncoder(layout).Write(output, "abc"u8, ("Sum", 1)));
        Assert.StartsWith("Sum is worked out and cannot be given.", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Names_are_checked()
    {
        Refuses<ArgumentException>("No field has the name Sort; there are Magic, Kind, Delta, Version, Total.", 3, ("Kind", 1), ("Sort", 1));
        Refuses<ArgumentException>("Kind is given twice.", 3, ("Kind", 1), ("Kind", 1));
        Refuses<ArgumentException>("Length is worked out and cannot be given.", 3, ("Kind", 1), ("Length", 1));
    }

    [Fact]
    public void The_reader_names_the_fields_in_the_order_of_the_wire_and_refuses_others()
    {
        LayoutReader reader = new(s_layout);
        Assert.Equal(["Magic", "Length", "Kind", "Delta", "Version", "Total"], reader.Names);
        Assert.StartsWith("There are 11 bytes; the header has 12.", Assert.Throws<ArgumentException>(() => reader.Read(new byte[11], "Kind")).Message, StringComparison.Ordinal);
        Assert.StartsWith("No field has the name Sort", Assert.Throws<ArgumentException>(() => reader.Read(new byte[12], "Sort")).Message, StringComparison.Ordinal);
    }

    private static byte[] Write(ReadOnlySpan<byte> payload, params ReadOnlySpan<(string Name, Int128 Value)> fields)
    {
        ArrayBufferWriter<byte> output = new();
        new LayoutEncoder(s_layout).Write(output, payload, fields);
        return output.WrittenSpan.ToArray();
    }

    private static void Refuses<T>(string message, int payload, params (string Name, Int128 Value)[] fields)
        where T : Exception
    {
        ArrayBufferWriter<byte> output = new();
        T error = Assert.Throws<T>(() => new LayoutEncoder(s_layout).Write(output, new byte[payload], fields));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }
}
