using System.Globalization;

namespace Framing.Integration.Tool;

/// <summary><c>framing decode</c>: its lines to the letter, and what its exit code says.</summary>
public sealed class DecodeTests
{
    private static readonly byte[] s_two = [.. Head(3, 1, 3, 7), .. "abc"u8, .. Head(9, 4294967295, 0, 65535)];

    private static readonly string[] s_twoLines =
    [
        """{"frame":0,"offset":0,"length":15,"total":3,"serial":1,"type":7,"payload":"616263"}""",
        """{"frame":1,"offset":15,"length":12,"total":9,"serial":4294967295,"type":65535,"payload":""}""",
    ];

    [Fact]
    public async Task Whole_frames_are_clean()
        => await ExpectAsync(0, [.. s_twoLines, """{"end":"clean"}"""], s_two, "--framing", "binary", "-");

    [Fact]
    public async Task No_input_is_clean_and_standard_input_is_the_default()
        => await ExpectAsync(0, ["""{"end":"clean"}"""], [], "--framing", "binary");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(15)]
    [InlineData(1_000)]
    public async Task Reads_of_any_size_give_the_same_lines(int size)
        => await ExpectAsync(
            2,
            [.. s_twoLines, """{"end":"truncated","offset":27,"have":11}"""],
            [.. s_two, .. new byte[11]],
            "--framing", "binary", "--read-size", size.ToString(CultureInfo.InvariantCulture));

    [Fact]
    public async Task What_comes_by_and_by_is_told_as_it_comes()
    {
        await using ToolProcess decode = ToolProcess.Start("decode", "--framing", "binary");
        await decode.Input.WriteAsync(s_two);
        await decode.Input.FlushAsync();
        await decode.LineAsync(line => line == s_twoLines[1], "both frames are told, and more may come");
        await decode.Input.WriteAsync(Head(-1, 1, 0, 1));
        await decode.Input.FlushAsync();
        Assert.Equal(3, (await decode.ExitAsync()).ExitCode);      // although its input has not ended
    }

    [Fact]
    public async Task It_ends_when_nobody_reads_what_it_says()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for a UNIX shell.");
        await using ToolProcess script = ToolProcess.StartInScript("cat /dev/zero | \"$@\" | head -n 1 | wc -l", "decode", "--framing", "xml-raw", "--read-size", "4096");
        ToolResult result = await script.ExitAsync();
        Assert.Equal("1", Assert.Single(result.Output).Trim());
    }

    [Fact]
    public async Task A_payload_cut_off_is_truncated()
        => await ExpectAsync(2, ["""{"end":"truncated","offset":0,"have":14}"""], s_two[..14], "--framing", "binary");

    [Fact]
    public async Task Raw_chunks_are_the_reads()
    {
        await ExpectAsync(0, ["""{"frame":0,"offset":0,"length":4,"bytes":"3c612f3e"}""", """{"end":"clean"}"""], "<a/>"u8.ToArray(), "--framing", "xml-raw");
        await ExpectAsync(
            0,
            ["""{"frame":0,"offset":0,"length":3,"bytes":"3c612f"}""", """{"frame":1,"offset":3,"length":1,"bytes":"3e"}""", """{"end":"clean"}"""],
            "<a/>"u8.ToArray(),
            "--framing", "xml-raw", "--read-size", "3", "-");
    }

    [Theory]
    [InlineData("at-least-current", 2, """{"end":"rejected","reason":"TotalLengthTooShort","field":"TotalLength","value":2,"limit":3,"offset":0,"frame":0}""")]
    [InlineData("at-least-current", 3, null)]
    [InlineData("at-least-current", 4, null)]
    [InlineData("non-negative", 2, null)]
    [InlineData("non-negative", -1, """{"end":"rejected","reason":"TotalLengthNegative","field":"TotalLength","value":-1,"limit":0,"offset":0,"frame":0}""")]
    [InlineData("equals-current", 3, null)]
    [InlineData("equals-current", 4, """{"end":"rejected","reason":"TotalLengthMismatch","field":"TotalLength","value":4,"limit":3,"offset":0,"frame":0}""")]
    [InlineData("ignored", -1, null)]
    public async Task Each_rule_for_the_total_length_refuses_what_it_says(string rule, int total, string? rejected)
    {
        byte[] input = [.. Head(total, 0, 3, 1), .. "abc"u8];
        string frame = $$"""{"frame":0,"offset":0,"length":15,"total":{{total.ToString(CultureInfo.InvariantCulture)}},"serial":0,"type":1,"payload":"616263"}""";
        string[] expected = rejected is null ? [frame, """{"end":"clean"}"""] : [rejected];
        await ExpectAsync(rejected is null ? 0 : 3, expected, input, "--framing", "binary", "--total-length", rule);
    }

    [Fact]
    public async Task Frames_before_a_rejection_are_printed()
        => await ExpectAsync(
            3,
            [.. s_twoLines, """{"end":"rejected","reason":"PayloadTooLong","field":"CurrentLength","value":101,"limit":100,"offset":27,"frame":2}"""],
            [.. s_two, .. Head(101, 0, 101, 0)],
            "--framing", "binary", "--max-payload", "100", "--read-size", "7");

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(1_000)]
    public async Task With_messages_packets_are_put_together(int size)
        => await ExpectAsync(
            3,
            [
                """{"frame":0,"offset":0,"length":17,"total":5,"serial":1,"type":7,"payload":"6162636465"}""",
                """{"end":"rejected","reason":"SerialOutOfOrder","field":"SerialNumber","value":11,"limit":10,"offset":29,"frame":1}""",
            ],
            [.. Head(5, 1, 3, 7), .. "abc"u8, .. Head(5, 2, 2, 7), .. "de"u8, .. Head(2, 9, 1, 7), 0, .. Head(2, 11, 1, 7), 0],
            "--framing", "binary", "--messages", "--max-message", "5", "--read-size", size.ToString(CultureInfo.InvariantCulture));

    [Fact]
    public async Task A_file_is_read()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, s_two);
            await ExpectAsync(0, [.. s_twoLines, """{"end":"clean"}"""], [], "--framing", "binary", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static byte[] Head(int total, uint serial, ushort current, ushort type)
        => [.. BitConverter.GetBytes(total), .. BitConverter.GetBytes(serial), .. BitConverter.GetBytes(current), .. BitConverter.GetBytes(type)];

    private static async Task ExpectAsync(int exitCode, string[] lines, byte[] input, params string[] arguments)
    {
        ToolResult result = await ToolProcess.RunAsync(input, ["decode", .. arguments]);
        Assert.Equal(lines, result.Output);
        Assert.Empty(result.Errors);
        Assert.Equal(exitCode, result.ExitCode);
    }
}
