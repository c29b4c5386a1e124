namespace Framing.Integration.Tool;

/// <summary><c>framing dissector --framing binary</c>: what tshark shows of PACKET_HEAD by its script.</summary>
public sealed class DissectorTests
{
    private static readonly string[] s_fields =
    [
        "framing_binary.total_length", "framing_binary.serial_number", "framing_binary.current_length", "framing_binary.type", "framing_binary.payload", "_ws.expert.message",
    ];

    private static readonly byte[] s_three = [.. Head(3, 1, 3, 7), .. "abc"u8, .. Head(9, 4294967295, 5, 65535), .. "hello"u8, .. Head(0, 3, 0, 9)];

    [Fact]
    public async Task Several_frames_in_a_segment_are_all_shown_in_both_directions()
    {
        Capture capture = new(9000);
        capture.ToServer(s_three);
        capture.ToClient(s_three);
        const string shown = "3,9,0|1,4294967295,3|3,5,0|7,65535,9|616263,68656c6c6f|";
        Assert.Equal([shown, shown], await ShownAsync(capture));
    }

    [Fact]
    public async Task Frames_are_joined_over_segments_wherever_they_are_cut()
    {
        for (int first = 1; first < s_three.Length - 1; first += 5)
        {
            Capture capture = new(9000);
            int second = first + ((s_three.Length - first) / 2);
            capture.ToClient(s_three.AsSpan(..first));
            capture.ToClient(s_three.AsSpan(first..second));
            capture.ToClient(s_three.AsSpan(second..));
            Assert.Equal("3,9,0|1,4294967295,3|3,5,0|7,65535,9|616263,68656c6c6f|", Joined(await ShownAsync(capture)));
        }
    }

    [Fact]
    public async Task Segments_of_one_byte_give_the_same_frames()
    {
        Capture capture = new(9000);
        foreach (byte b in s_three)
        {
            capture.ToServer([b]);
        }

        Assert.Equal("3,9,0|1,4294967295,3|3,5,0|7,65535,9|616263,68656c6c6f|", Joined(await ShownAsync(capture)));
    }

    [Fact]
    public async Task A_malformed_header_is_marked_before_its_payload_has_come_and_nothing_behind_it_is_a_header()
    {
        Capture capture = new(9000);
        capture.ToServer([.. Head(0, 1, 0, 1), .. Head(9, 2, 10, 1)]);
        capture.ToServer(s_three);
        capture.ToClient(s_three);
        capture.ToServer(s_three, client: 40_001);
        const string whole = "3,9,0|1,4294967295,3|3,5,0|7,65535,9|616263,68656c6c6f|";
        Assert.Equal(
            ["0,9|1,2|0,10|1,1||TotalLengthTooShort: TotalLength must be at least the payload's length", "|||||Behind a refused frame", whole, whole],
            (await ShownAsync(capture)).Select(line => line.Replace("Connection establish", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(-1, 0, "", "TotalLengthNegative: TotalLength must be at least the payload's length")]
    [InlineData(8192, 8193, "", "TotalLengthTooShort: TotalLength must be at least the payload's length")]
    [InlineData(8193, 8193, "", "PayloadTooLong: CurrentLength must be 0 to 8192")]
    [InlineData(4, 4, "--max-payload 3", "PayloadTooLong: CurrentLength must be 0 to 3")]
    [InlineData(4, 3, "--total-length equals-current", "TotalLengthMismatch: TotalLength must be the payload's length")]
    [InlineData(-1, 3, "--total-length non-negative", "TotalLengthNegative: TotalLength must not be negative")]
    [InlineData(-1, 8193, "--total-length ignored", "PayloadTooLong: CurrentLength must be 0 to 8192")]
    public async Task Each_rule_is_judged_as_the_decoder_does(int total, ushort current, string options, string message)
    {
        Capture capture = new(9000);
        capture.ToServer(Head(total, 5, current, 6));
        Assert.Equal([FormattableString.Invariant($"{total}|5|{current}|6||{message}")], await ShownAsync(capture, options.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task The_port_can_be_chosen()
    {
        Capture capture = new(4711);
        capture.ToServer(Head(0, 1, 0, 2));
        Assert.Equal(["0|1|0|2||"], await ShownAsync(capture, "--port", "4711"));
        Assert.Empty(await ShownAsync(capture));
    }

    private static byte[] Head(int total, uint serial, ushort current, ushort type)
        => [.. BitConverter.GetBytes(total), .. BitConverter.GetBytes(serial), .. BitConverter.GetBytes(current), .. BitConverter.GetBytes(type)];

    // The frames of all packets, as if they had come in one.
    private static string Joined(string[] lines)
        => string.Join('|', Enumerable.Range(0, s_fields.Length).Select(field => string.Join(',', lines.Select(line => line.Split('|')[field]).Where(value => value.Length > 0))));

    private static async Task<string[]> ShownAsync(Capture capture, params string[] options)
    {
        ToolResult script = await ToolProcess.RunAsync(["dissector", "--framing", "binary", .. options]);
        Assert.True(script.ExitCode == 0, $"{script}");
        return await Tshark.FieldsAsync(string.Join('\n', script.Output), capture, "framing_binary", s_fields);
    }
}
