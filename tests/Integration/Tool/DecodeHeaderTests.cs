namespace Framing.Integration.Tool;

/// <summary><c>framing decode --header</c>: a header that a JSON file declares, and files that declare none.</summary>
public sealed class DecodeHeaderTests
{
    // A quote in a name, every kind of width and order, and bytes that a server would strip.
    private const string Layout = """
        {
          "headerSize": 15,
          "byteOrder": "littleEndian",
          "bytesToStrip": 15,
          "length": { "name": "Size", "offset": 3, "width": 3, "byteOrder": "bigEndian", "counts": "frame" },
          "fields": [
            { "name": "The \"serial\"", "offset": 6, "width": 8 },
            { "name": "Magic", "offset": 0, "width": 3, "values": ["0x010203"] },
            { "name": "Delta", "offset": 14, "width": 1, "isSigned": true }
          ],
          "maxPayloadLength": 10
        }
        """;

    private static readonly byte[] s_frame = [3, 2, 1, 0, 0, 17, 255, 255, 255, 255, 255, 255, 255, 255, 254, .. "ab"u8];

    private const string FrameLine =
        """{"frame":0,"offset":0,"length":17,"fields":{"Magic":66051,"Size":17,"The \u0022serial\u0022":18446744073709551615,"Delta":-2},"payload":"6162"}""";

    [Theory]
    [InlineData("1")]
    [InlineData("16")]
    [InlineData("100")]
    public async Task Fields_are_shown_by_their_names_in_the_order_of_the_wire(string readSize)
        => await ExpectAsync(0, [FrameLine, """{"end":"clean"}"""], s_frame, "--read-size", readSize);

    [Fact]
    public async Task A_broken_rule_names_the_declared_field()
        => await ExpectAsync(
            3,
            [FrameLine, """{"end":"rejected","reason":"PayloadTooLong","field":"Size","value":26,"limit":25,"offset":17,"frame":1}"""],
            [.. s_frame, 3, 2, 1, 0, 0, 26, .. new byte[9]]);

    [Fact]
    public async Task A_cut_header_is_truncated()
        => await ExpectAsync(2, [FrameLine, """{"end":"truncated","offset":17,"have":14}"""], [.. s_frame, .. new byte[14]]);

    [Theory]
    [InlineData("", "The layout is no JSON")]
    [InlineData("[]", "The layout is []; it must be an object")]
    [InlineData("""{ "headerSize": 4 }""", "Length is missing")]
    [InlineData("""{ "headersize": 4 }""", "headersize is unknown")]
    [InlineData("""{ "headerSize": 8, "length": { "offset": 0, "width": 9 } }""", "Length: Width is 9")]
    [InlineData("""{ "headerSize": 4, "length": { "offset": 0, "width": 2 }, "fields": [{ "name": "Kind", "offset": 1, "width": 2 }] }""", "Kind: its 2 bytes at Offset 1 overlap those of Length")]
    public async Task A_layout_that_is_refused_is_one_line_and_64(string json, string said)
    {
        using TemporaryFile layout = new(json);
        ToolResult result = await ToolProcess.RunAsync("decode", "--header", layout.Path);
        Assert.Equal(64, result.ExitCode);
        string line = Assert.Single(result.Errors);
        Assert.StartsWith($"framing: --header: {layout.Path}: {said}", line, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Limits_are_the_layouts_own()
    {
        using TemporaryFile layout = new(Layout);
        ToolResult result = await ToolProcess.RunAsync("decode", "--header", layout.Path, "--max-payload", "5");
        Assert.Equal(64, result.ExitCode);
        Assert.Contains("--max-payload applies to --framing binary only", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    private static async Task ExpectAsync(int exitCode, string[] lines, byte[] input, params string[] arguments)
    {
        using TemporaryFile layout = new(Layout);
        ToolResult result = await ToolProcess.RunAsync(input, ["decode", "--header", layout.Path, .. arguments]);
        Assert.Empty(result.Errors);
        Assert.Equal(lines, result.Output);
        Assert.Equal(exitCode, result.ExitCode);
    }
}
