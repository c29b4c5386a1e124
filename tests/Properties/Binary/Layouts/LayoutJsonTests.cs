using System.Text;
using Framing.Binary;
using Framing.Properties.Generators;
using Xunit;

namespace Framing.Properties.Binary.Layouts;

/// <summary>A layout in JSON: every property arrives, and what is wrong is named.</summary>
public sealed class LayoutJsonTests
{
    [Fact]
    public void PACKET_HEAD_in_JSON_is_PACKET_HEAD_in_code()
        => Assert.Equivalent(HeaderLayout.PacketHead, HeaderLayout.FromJson(PacketHeadLayoutFormats.Json), strict: true);

    [Fact]
    public void Every_property_is_read()
    {
        HeaderLayout expected = new()
        {
            Name = "orders",
            HeaderSize = 40,
            ByteOrder = ByteOrder.LittleEndian,
            MaxPayloadLength = 70_000,
            BytesToStrip = 8,
            Length = new LengthField { Name = "Size", Offset = 3, Width = 3, ByteOrder = ByteOrder.BigEndian, Counts = LengthCounts.Frame, Adjustment = -4 },
            Fields =
            [
                new HeaderField { Name = "Magic", Offset = 0, Width = 2, ByteOrder = ByteOrder.BigEndian, Values = [0x4F48, 3] },
                new HeaderField { Name = "Big", Offset = 8, Width = 8, Maximum = ulong.MaxValue },
                new HeaderField { Name = "Least", Offset = 16, Width = 8, IsSigned = true, Minimum = long.MinValue, Maximum = -1 },
                new HeaderField { Name = "Total", Offset = 24, Width = 4, TotalLength = TotalLengthRule.EqualsCurrent },
            ],
            Checksum = new HeaderChecksum { Name = "Crc", Algorithm = ChecksumAlgorithm.Crc32C, Offset = 36, ByteOrder = ByteOrder.BigEndian, RangeStart = 2, RangeEnd = 36 },
        };
        const string json = """
            {
              // as it is specified
              "name": "orders", "headerSize": 40, "byteOrder": "littleEndian", "maxPayloadLength": 70000, "bytesToStrip": 8,
              "length": { "name": "Size", "offset": 3, "width": 3, "byteOrder": "bigEndian", "counts": "frame", "adjustment": -4 },
              "fields": [
                { "name": "Magic", "offset": 0, "width": 2, "byteOrder": "bigEndian", "values": ["0x4F48", 3] },
                { "name": "Big", "offset": 8, "width": 8, "minimum": null, "maximum": "0xFFFFFFFFFFFFFFFF" },
                { "name": "Least", "offset": 16, "width": 8, "isSigned": true, "minimum": -9223372036854775808, "maximum": -1 },
                { "name": "Total", "offset": 24, "width": 4, "isSigned": false, "totalLength": "equalsCurrent" }
              ],
              "checksum": { "name": "Crc", "algorithm": "crc32C", "offset": 36, "byteOrder": "bigEndian", "rangeStart": 2, "rangeEnd": 36 }
            }
            """;
        Assert.Equivalent(expected, HeaderLayout.FromJson(json), strict: true);
        Assert.Equivalent(expected, HeaderLayout.FromJson((byte[])[0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(json)]), strict: true);
    }

    [Theory]
    [InlineData("", "The layout is no JSON")]
    [InlineData("{", "The layout is no JSON")]
    [InlineData("""{"headerSize":2,"headerSize":3}""", "The layout is no JSON")]
    [InlineData("[]", "The layout is []; it must be an object.")]
    [InlineData("""{"size":2}""", "size is unknown; there are name, headerSize, byteOrder, length, fields, checksum, maxPayloadLength, bytesToStrip.")]
    [InlineData("""{"HeaderSize":2}""", "HeaderSize is unknown")]
    [InlineData("""{"headerSize":2,"length":{"size":2}}""", "length.size is unknown; there are name, offset, width, byteOrder, counts, adjustment.")]
    [InlineData("""{"fields":[{},{"type":1}]}""", "fields[1].type is unknown")]
    [InlineData("""{"checksum":{"range":1}}""", "checksum.range is unknown")]
    [InlineData("""{"name":"\ud800"}""", "The layout is no JSON: ")]
    [InlineData("""{"\ud800":1}""", "The layout is no JSON: ")]
    [InlineData("""{"name":1}""", "name is 1; it must be a string.")]
    [InlineData("""{"headerSize":"2"}""", "headerSize is \"2\"; it must be a whole number")]
    [InlineData("""{"headerSize":2.5}""", "headerSize is 2.5; it must be a whole number")]
    [InlineData("""{"headerSize":4294967296}""", "headerSize is 4294967296; it must be a whole number from -2147483648 to 2147483647.")]
    [InlineData("""{"byteOrder":"middleEndian"}""", "byteOrder is \"middleEndian\"; it must be one of bigEndian, littleEndian.")]
    [InlineData("""{"byteOrder":1}""", "byteOrder is 1; it must be one of")]
    [InlineData("""{"length":5}""", "length is 5; it must be an object.")]
    [InlineData("""{"fields":{}}""", "fields is {}; it must be an array.")]
    [InlineData("""{"fields":[7]}""", "fields[0] is 7; it must be an object.")]
    [InlineData("""{"fields":[{"isSigned":"yes"}]}""", "fields[0].isSigned is \"yes\"; it must be true or false.")]
    [InlineData("""{"fields":[{"minimum":"4F"}]}""", "fields[0].minimum is \"4F\"; it must be a whole number, or a string with a hexadecimal one")]
    [InlineData("""{"fields":[{"values":[1,1e3]}]}""", "fields[0].values[1] is 1e3; it must be a whole number")]
    [InlineData("""{"fields":[{"values":["0x11112222333344445"]}]}""", "fields[0].values[0] is \"0x11112222333344445\"; it must be")]
    [InlineData("""{"headerSize":2}""", "Length is missing")]
    [InlineData("""{"headerSize":2,"length":{"offset":1,"width":2}}""", "Length: 2 bytes at Offset 1 are not in the header of 2 bytes.")]
    public void What_is_wrong_is_named(string json, string message)
        => Assert.StartsWith(message, Assert.Throws<FormatException>(() => HeaderLayout.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_value_is_not_repeated_whole()
        => Assert.InRange(Assert.Throws<FormatException>(() => HeaderLayout.FromJson($$"""{"headerSize":"{{new string('x', 5000)}}"}""")).Message.Length, 60, 200);
}
