using System.Buffers.Binary;
using System.IO.Hashing;

namespace Framing.Integration.Tool;

/// <summary><c>framing dissector --header</c>: what tshark shows of declared headers by their scripts.</summary>
public sealed class DissectorHeaderTests
{
    [Fact]
    public async Task Fields_of_every_width_sign_and_byte_order_are_shown()
    {
        const string layout = """
            {
              "name": "mixed", "headerSize": 28, "byteOrder": "littleEndian",
              "length": { "name": "Size", "offset": 0, "width": 3, "byteOrder": "bigEndian", "counts": "frame" },
              "fields": [
                { "name": "Little24", "offset": 3, "width": 3 },
                { "name": "Big64", "offset": 6, "width": 8, "byteOrder": "bigEndian" },
                { "name": "Little64", "offset": 14, "width": 8, "isSigned": true },
                { "name": "Big40", "offset": 22, "width": 5, "byteOrder": "bigEndian" },
                { "name": "Small", "offset": 27, "width": 1, "isSigned": true }
              ]
            }
            """;
        byte[] frame = [0, 0, 30, 1, 2, 3, 255, 255, 255, 255, 255, 255, 255, 254, 254, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4, 5, 128, .. "ab"u8];
        Capture capture = new(9000);
        capture.ToServer(frame);
        Assert.Equal(
            ["30|197121|18446744073709551614|-2|4328719365|-128|6162|"],
            await ShownAsync(layout, capture, "mixed", "size", "little24", "big64", "little64", "big40", "small", "payload"));
    }

    [Fact]
    public async Task A_name_may_be_anything_and_is_never_code()
    {
        const string layout = """
            {
              "name": "x\")\nos.exit(7) --[[ ]] \\", "headerSize": 4,
              "length": { "name": "\"..os.exit(7)..\"", "offset": 0, "width": 1 },
              "fields": [
                { "name": "]]\r\nos.exit(7)\u0000%s%n", "offset": 1, "width": 1, "values": [1] },
                { "name": "Größe \\", "offset": 2, "width": 1 },
                { "name": "Gr__e _", "offset": 3, "width": 1 }
              ]
            }
            """;
        Capture capture = new(9000);
        capture.ToServer([0, 1, 2, 3]);
        capture.ToServer([0, 2, 2, 3]);
        Assert.Equal(
            ["0|1|2|3|", "0|2|2|3|FieldOutOfRange: ]]??os.exit(7)?%s%n must be 1"],
            await ShownAsync(layout, capture, "x_os_exit_7", "os_exit_7", "os_exit_7_s_n", "gr_e", "gr_e_2"));
    }

    [Theory]
    [InlineData("\"values\": [\"0x4F48\", \"0xFFFFFFFFFFFFFFFF\"]", 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE, "20296 or 18446744073709551615")]
    [InlineData("\"minimum\": 9223372036854775809", 9223372036854775809, 9223372036854775808, "at least 9223372036854775809")]
    [InlineData("\"maximum\": 9007199254740993", 9007199254740993, 9007199254740994, "at most 9007199254740993")]
    [InlineData("\"isSigned\": true, \"minimum\": -9007199254740993, \"maximum\": -1", unchecked((ulong)-9007199254740993), unchecked((ulong)-9007199254740994), "-9007199254740993 to -1")]
    [InlineData("\"isSigned\": true, \"maximum\": -1", unchecked((ulong)-1), 0, "at most -1")]
    public async Task Numbers_of_64_bits_are_judged_to_the_last_bit(string rule, ulong legal, ulong illegal, string limits)
    {
        string layout = $$"""
            { "name": "wide", "headerSize": 9, "length": { "offset": 8, "width": 1 }, "fields": [{ "name": "Value", "offset": 0, "width": 8, {{rule}} }] }
            """;
        Capture capture = new(9000);
        byte[] frame = new byte[9];
        BinaryPrimitives.WriteUInt64BigEndian(frame, legal);
        capture.ToServer(frame);
        BinaryPrimitives.WriteUInt64BigEndian(frame, illegal);
        capture.ToServer(frame);
        Assert.Equal(["0|", $"0|FieldOutOfRange: Value must be {limits}"], await ShownAsync(layout, capture, "wide", "length"));
    }

    [Theory]
    [InlineData("crc32")]
    [InlineData("crc32C")]
    public async Task A_wrong_checksum_is_marked_when_the_frame_is_whole(string algorithm)
    {
        string layout = $$"""
            { "name": "summed", "headerSize": 2, "length": { "offset": 0, "width": 2 }, "checksum": { "algorithm": "{{algorithm}}", "rangeStart": 1 } }
            """;
        byte[] frame = [0, 7, .. "abc"u8, 0, 0, 0, 0];
        uint sum = algorithm == "crc32" ? Crc32.HashToUInt32(frame.AsSpan(1, 4)) : Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, frame.AsSpan(1, 4));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), sum);
        Capture capture = new(9000);
        capture.ToServer(frame);
        byte[] wrong = [.. frame];
        wrong[3]++;
        capture.ToServer(wrong.AsSpan(..8));
        capture.ToServer([.. wrong[8..], .. frame]);
        capture.ToServer(frame);
        string shown = FormattableString.Invariant($"7|0x{sum:x8}|");
        Assert.Equal([shown, shown + "ChecksumMismatch: Checksum,Behind a refused frame", "||Behind a refused frame"], await ShownAsync(layout, capture, "summed", "length", "checksum"));
    }

    [Theory]
    [InlineData(new byte[] { 0, 4, 0xFF, 0xFF }, new byte[] { 0xFF, 0xFF, 0, 1, 0xEE }, "|Behind a packet that the capture cut")]     // it begins inside a payload
    [InlineData(new byte[] { 0, 1, 0xFF, 0, 4, 0xFF }, new byte[] { 0xFF, 0xFF, 0xFF }, "|Behind a packet that the capture cut")]    // so it does, but that was not captured
    [InlineData(new byte[] { 0, 2, 0xFF, 0xFF }, new byte[] { 0, 1, 0xEE }, "1|")]                                                    // the frame ends with its packet
    public async Task What_follows_a_packet_that_the_capture_cut_is_read_only_where_a_frame_begins(byte[] first, byte[] second, string expected)
    {
        const string layout = "{ \"name\": \"cut\", \"headerSize\": 2, \"length\": { \"offset\": 0, \"width\": 2 }, \"maxPayloadLength\": 100 }";
        Capture capture = new(9000) { SnapLength = 54 + 3 };
        capture.ToServer(first);
        capture.SnapLength = 65_535;
        capture.ToServer(second);
        Assert.Equal(expected, (await ShownAsync(layout, capture, "cut", "length"))[^1]);
    }

    [Fact]
    public async Task A_wrong_checksum_of_the_header_is_marked_before_the_payload_has_come()
    {
        const string layout = """
            { "name": "summed", "headerSize": 6, "length": { "offset": 0, "width": 2 }, "checksum": { "offset": 2, "rangeEnd": 2, "byteOrder": "littleEndian" } }
            """;
        byte[] head = [0, 2, .. BitConverter.GetBytes(Crc32.HashToUInt32([0, 2]))];
        Capture capture = new(9000);
        capture.ToServer(head);
        capture.ToServer("ab"u8);
        head[5]++;
        capture.ToServer(head);
        string[] shown = await ShownAsync(layout, capture, "summed", "length", "payload");
        Assert.Equal(["2|6162|", "2||ChecksumMismatch: Checksum"], shown);
    }

    private static async Task<string[]> ShownAsync(string layout, Capture capture, string name, params string[] fields)
    {
        using TemporaryFile json = new(layout);
        ToolResult script = await ToolProcess.RunAsync("dissector", "--header", json.Path);
        Assert.True(script.ExitCode == 0, $"{script}");
        string filter = "framing_" + name;
        return await Tshark.FieldsAsync(string.Join('\n', script.Output), capture, filter, [.. fields.Select(field => $"{filter}.{field}"), "_ws.expert.message"]);
    }
}
