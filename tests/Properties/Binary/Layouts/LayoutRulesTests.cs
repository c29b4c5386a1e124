using Framing.Binary;
using Xunit;

namespace Framing.Properties.Binary.Layouts;

/// <summary>What a layout must be: each rule with the message that names the field, the value and the limit.</summary>
public sealed class LayoutRulesTests
{
    private static readonly LengthField s_length = new() { Offset = 0, Width = 2 };

    public static TheoryData<string, HeaderLayout> Broken { get; } = new()
    {
        { "Name is empty", new() { Name = " ", HeaderSize = 2, Length = s_length } },
        { "HeaderSize is 0; it must be 1 to 65535", new() { Length = s_length } },
        { "HeaderSize is 65536; it must be 1 to 65535", new() { HeaderSize = 65536, Length = s_length } },
        { "ByteOrder is 7; it must be one of BigEndian, LittleEndian", new() { HeaderSize = 2, ByteOrder = (ByteOrder)7, Length = s_length } },
        { "BytesToStrip is 3; it must be 0 to 2", new() { HeaderSize = 2, BytesToStrip = 3, Length = s_length } },
        { "BytesToStrip is -1; it must be 0 to 2", new() { HeaderSize = 2, BytesToStrip = -1, Length = s_length } },
        { "Length is missing", new() { HeaderSize = 2 } },
        { "Fields is or holds null", new() { HeaderSize = 2, Length = s_length, Fields = null! } },
        { "Fields is or holds null", new() { HeaderSize = 2, Length = s_length, Fields = [null!] } },
        { "Size: Width is 9; it must be 1 to 8", Length(new() { Name = "Size", Width = 9 }) },
        { "Length: Width is 0; it must be 1 to 8", Length(new()) },
        { "Length: Counts is 9; it must be one of Payload, Frame", Length(new() { Width = 2, Counts = (LengthCounts)9 }) },
        { "Length: ByteOrder is 9", Length(new() { Width = 2, ByteOrder = (ByteOrder)9 }) },
        { "The field at offset 0 has no Name", Length(new() { Name = "", Width = 2 }) },
        { "Length: 2 bytes at Offset 7 are not in the header of 8 bytes", Length(new() { Offset = 7, Width = 2 }) },
        { "Length: 2 bytes at Offset -1 are not in the header of 8 bytes", Length(new() { Offset = -1, Width = 2 }) },
        { "Length: 2 bytes at Offset 2147483647 are not in the header", Length(new() { Offset = int.MaxValue, Width = 2 }) },
        { "Length: with Adjustment -255 its 1 bytes can state no payload", Length(new() { Width = 1, Adjustment = -255 }) },
        { "Length: with Adjustment -247 its 1 bytes can state no payload", Length(new() { Width = 1, Counts = LengthCounts.Frame, Adjustment = -247 }) },
        { "Length: Adjustment is 8193, so that every payload is longer than MaxPayloadLength, which is 8192", Length(new() { Width = 2, Adjustment = 8193 }) },
        { "MaxPayloadLength is 0; it must be 1 to 65535", Length(new() { Width = 2 }, max: 0) },
        { "MaxPayloadLength is 65536; it must be 1 to 65535", Length(new() { Width = 2 }, max: 65536) },
        { "MaxPayloadLength is 248; it must be 1 to 247", Length(new() { Width = 1, Counts = LengthCounts.Frame }, max: 248) },
        { "MaxPayloadLength is 2147483591; it must be 1 to 2147483583", Length(new() { Width = 4 }, max: Array.MaxLength) },
        { "The field at offset 2 has no Name", Field(new() { Offset = 2, Width = 1 }) },
        { "Length: two fields have this Name", Field(new() { Name = "Length", Offset = 2, Width = 1 }) },
        { "Kind: its 2 bytes at Offset 1 overlap those of Length, 2 at 0", Field(new() { Name = "Kind", Offset = 1, Width = 2 }) },
        { "Kind: its 3 bytes at Offset 2 overlap those of Sort, 4 at 4", new() { HeaderSize = 8, Length = s_length, Fields = [new() { Name = "Sort", Offset = 4, Width = 4 }, new() { Name = "Kind", Offset = 2, Width = 3 }] } },
        { "Kind: Width is 9; it must be 1 to 8", Field(new() { Name = "Kind", Offset = 2, Width = 9 }) },
        { "Kind: 4 bytes at Offset 6 are not in the header of 8 bytes", Field(new() { Name = "Kind", Offset = 6, Width = 4 }) },
        { "Kind: the range is empty, for Minimum is 3 and Maximum is 2", Field(new() { Name = "Kind", Offset = 2, Width = 1, Minimum = 3, Maximum = 2 }) },
        { "Kind: Values is empty", Field(new() { Name = "Kind", Offset = 2, Width = 1, Values = [] }) },
        { "Kind: 256 does not fit; its 1 bytes hold 0 to 255", Field(new() { Name = "Kind", Offset = 2, Width = 1, Maximum = 256 }) },
        { "Kind: -1 does not fit; its 1 bytes hold 0 to 255", Field(new() { Name = "Kind", Offset = 2, Width = 1, Minimum = -1 }) },
        { "Kind: 128 does not fit; its 1 bytes hold -128 to 127", Field(new() { Name = "Kind", Offset = 2, Width = 1, IsSigned = true, Values = [1, 128] }) },
        { "Kind: only one of", Field(new() { Name = "Kind", Offset = 2, Width = 1, Minimum = 1, Values = [1] }) },
        { "Kind: only one of", Field(new() { Name = "Kind", Offset = 2, Width = 1, Maximum = 1, TotalLength = TotalLengthRule.NonNegative }) },
        { "Kind: TotalLength is 8; it must be one of AtLeastCurrent", Field(new() { Name = "Kind", Offset = 2, Width = 1, TotalLength = (TotalLengthRule)8 }) },
        { "Checksum: its 4 bytes at Offset 1 overlap those of Length, 2 at 0", Checksum(new() { Offset = 1, RangeStart = 8 }) },
        { "Checksum: 4 bytes at Offset 5 are not in the header of 8 bytes", Checksum(new() { Offset = 5, RangeStart = 8 }) },
        { "Checksum: it covers itself; it is at Offset 4, and its range begins at 0", Checksum(new() { Offset = 4 }) },
        { "Checksum: it covers itself; it is at Offset 4, and its range begins at 7", Checksum(new() { Offset = 4, RangeStart = 7 }) },
        { "Checksum: it covers itself; it is at Offset 4, and its range begins at 0", Checksum(new() { Offset = 4, RangeEnd = 5 }) },
        { "Checksum: it covers nothing, for RangeStart is 3 and RangeEnd is 3", Checksum(new() { Offset = 4, RangeStart = 3, RangeEnd = 3 }) },
        { "Checksum: RangeStart is 9; it must be 0 to 8", Checksum(new() { RangeStart = 9 }) },
        { "Checksum: RangeEnd is 9; it must be 0 to 8", Checksum(new() { RangeEnd = 9 }) },
        { "Checksum: Algorithm is 5; it must be one of Crc32, Crc32C", Checksum(new() { Algorithm = (ChecksumAlgorithm)5 }) },
        { "Checksum: ByteOrder is 5", Checksum(new() { ByteOrder = (ByteOrder)5 }) },
        { "Length: two fields have this Name", Checksum(new() { Name = "Length" }) },
        { "Kind: two fields have this Name", new() { HeaderSize = 8, Length = s_length, Fields = [new() { Name = "Kind", Offset = 2, Width = 1 }], Checksum = new() { Name = "Kind" } } },
        { "Kind: two fields have this Name", new() { HeaderSize = 8, Length = s_length, Fields = [new() { Name = "Kind", Offset = 2, Width = 1 }], Checksum = new() { Name = "Kind", Offset = 4, RangeEnd = 4 } } },
        { "The checksum has no Name", Checksum(new() { Name = "" }) },
        { "MaxPayloadLength is 3; it must be 4 to 65535", new() { HeaderSize = 8, Length = s_length, MaxPayloadLength = 3, Checksum = new() } },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_layout_that_cannot_be_is_refused_by_name(string message, HeaderLayout layout)
    {
        foreach (Action use in new Action[] { layout.Validate, () => _ = new LayoutFraming(layout), () => _ = layout.PayloadLimit })
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(use).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limits_themselves_are_legal()
    {
        new HeaderLayout { HeaderSize = 65535, Length = s_length }.Validate();
        new HeaderLayout { HeaderSize = 65535, Length = new() { Width = 8, Offset = 65527 }, MaxPayloadLength = Array.MaxLength - 65535, BytesToStrip = 65535 }.Validate();
        new HeaderLayout { HeaderSize = 65535, Length = s_length, Fields = [.. Enumerable.Range(2, 65533).Select(i => new HeaderField { Name = $"{i}", Offset = i, Width = 1 })] }.Validate();
        Length(new() { Width = 1, Adjustment = -254 }).Validate();
        Length(new() { Width = 2, Adjustment = 8192 }).Validate();
        Length(new() { Width = 4 }, max: Array.MaxLength - 8).Validate();
        Length(new() { Width = 8 }, max: Array.MaxLength - 8).Validate();
        Field(new() { Name = "Kind", Offset = 2, Width = 1, Minimum = 0, Maximum = 255 }).Validate();
        Checksum(new() { Offset = 4, RangeEnd = 4 }).Validate();
        Checksum(new() { Offset = 4, RangeStart = 8 }).Validate();
    }

    [Theory]
    [InlineData(1, 255)]
    [InlineData(2, 8192)]
    [InlineData(8, 8192)]
    public void The_longest_payload_is_8192_unless_the_length_field_can_state_only_less(int width, int limit)
        => Assert.Equal(limit, Length(new() { Width = width }).PayloadLimit);

    private static HeaderLayout Length(LengthField length, int? max = null) => new() { HeaderSize = 8, Length = length, MaxPayloadLength = max };

    private static HeaderLayout Field(HeaderField field) => new() { HeaderSize = 8, Length = s_length, Fields = [field] };

    private static HeaderLayout Checksum(HeaderChecksum checksum) => new() { HeaderSize = 8, Length = s_length, Checksum = checksum };
}
