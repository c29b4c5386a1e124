using Iocp.Core;

namespace Framing.Integration.Tool;

/// <summary>Bad usage is one clear line on stderr and exit code 64; what the machine refuses is one line and 1, a missing file 66.</summary>
public sealed class UsageTests
{
    public static TheoryData<string, string> BadUsage => new()
    {
        { "", "a command is missing" },
        { "listen", "'listen' is none of the commands serve, load, send, decode, dissector" },
        { "serve --colour red", "'--colour'" },
        { "serve extra", "'extra'" },
        { "serve --listen", "'--listen'" },
        { "serve --listen 127.0.0.1", "--listen: '127.0.0.1' is not an end point, for its port is missing" },
        { "serve --listen [::1]", "--listen: '[::1]' is not an end point, for its port is missing" },
        { "serve --listen :9000", "--listen: ':9000' is not an end point: write" },
        { "serve --listen 127.0.0.1:65536", "'65536' is not a port" },
        { "serve --listen somewhere:9000", "'somewhere' is not an address" },
        { "serve --listen ::1:9000", "'::1:9000' is not an IPv6 end point" },
        { "serve --listen unix:", "unix: needs a path" },
        { $"serve --listen unix:/{new string('ä', 100)}", "has 201 bytes; the path of a UNIX socket has at most 10" },
        { "serve --engine fast", "--engine: 'fast' is none of" },
        { "serve --delivery push", "--delivery: 'push' is none of inline, pull" },
        { "serve --stats xml", "--stats: 'xml' is none of json" },
        { "serve --workers 0", "--workers: '0' is not a whole number from 1 to 1024" },
        { "serve --max-payload 65536", "--max-payload: '65536' is not a whole number from 1 to 65535" },
        { "serve --max-connections -1", "--max-connections" },
        { "serve --idle-timeout 30", "--idle-timeout: '30' is not a duration" },
        { "serve --first-frame-timeout 99999h", "--first-frame-timeout: '99999h' is not between 1ms and 576h" },
        { "serve --spin 20ms", "--spin: '20ms' is not between 1us and 10ms" },
        { "serve --spin 50", "--spin: '50' is not a duration: write 50us or 1ms, or 0 for none" },
        { "serve --framing xml-raw --max-payload 10", "--max-payload applies to --framing binary only" },
        { "serve --framing json", "--framing: 'json' is none of binary, xml-raw, xml-document" },
        { "serve --framing binary --header layout.json", "give only one of --framing and --header" },
        { "serve --framing xml-raw --total-length ignored", "--total-length applies to --framing binary only" },
        { "serve --framing xml-document --max-document 3", "--max-document: '3' is not a whole number from 4 to 2147483591" },
        { "serve --framing xml-document --max-depth 0", "--max-depth: '0' is not a whole number from 1 to 65536" },
        { "serve --framing xml-document --max-payload 10", "--max-payload applies to --framing binary only" },
        { "serve --max-depth 3", "--max-depth applies to --framing xml-document only" },
        { "decode --framing xml-raw --max-document 9", "--max-document applies to --framing xml-document only" },
        { "load --connect 127.0.0.1:1 --max-document 9", "--max-document applies to --framing xml-document only" },
        { "send --connect 127.0.0.1:1 --framing xml-raw --max-depth 9 --text a", "--max-depth applies to --framing xml-document only" },
        { "send --connect 127.0.0.1:1 --framing xml-document --serial 1 --text a", "--type and --serial apply to --framing binary only" },
        { "load", "'--connect' is required" },
        { "load --connect 127.0.0.1:0", "'0' is not a port from 1" },
        { "load --connect 127.0.0.1:1 --duration soon", "--duration: 'soon' is not a duration" },
        { "load --connect 127.0.0.1:1 --connections 0", "--connections: '0' is not a whole number" },
        { "load --connect 127.0.0.1:1 --rate 1.5", "--rate: '1.5' is not a whole number" },
        { "load --connect 127.0.0.1:1 --framing xml-raw --payload 0", "--payload" },
        { "load --connect 127.0.0.1:1 --hold 5 --depth 2", "--hold goes without --connections, --depth and --rate" },
        { "load --connect 127.0.0.1:1 --split --engine sockets", "--split goes without --engine" },
        { "send --connect 127.0.0.1:1 --framing binary --header layout.json --text a", "give only one of --framing and --header" },
        { "send --connect 127.0.0.1:1 --type 1", "give exactly one of --text, --hex and --file" },
        { "send --connect 127.0.0.1:1 --type 1 --text a --hex 00", "give exactly one of --text, --hex and --file" },
        { "send --connect 127.0.0.1:1 --text a", "--type is required" },
        { "send --connect 127.0.0.1:1 --type 65536 --text a", "--type: '65536'" },
        { "send --connect 127.0.0.1:1 --type 1 --hex abc", "--hex: 'abc' is not hexadecimal" },
        { "send --connect 127.0.0.1:1 --type 1 --hex zz", "--hex: 'zz' is not hexadecimal" },
        { "send --connect 127.0.0.1:1 --framing xml-raw --type 1 --text a", "--type and --serial apply to --framing binary only" },
        { "decode", "give exactly one of --framing and --header" },
        { "decode --framing binary --header layout.json", "give only one of --framing and --header" },
        { "decode --framing binary --read-size 0", "--read-size: '0'" },
        { "decode --framing binary --total-length any", "--total-length: 'any' is none of" },
        { "decode --framing xml-raw --total-length ignored", "--total-length applies to --framing binary only" },
        { "decode --framing xml-raw --messages", "--messages applies to --framing binary only" },
        { "decode --framing binary --max-message 9", "--max-message applies with --messages only" },
        { "decode --framing binary --messages --max-message 0", "--max-message: '0' is not a whole number from 1 to 165191045" },
        { "decode --framing binary --messages --total-length ignored", "--messages allows no --total-length but at-least-current" },
        { "decode --framing binary one two", "'two'" },
        { "dissector", "give exactly one of --framing and --header" },
        { "dissector --framing xml-raw", "--framing: 'xml-raw' is none of binary" },
        { "dissector --framing binary --port 0", "--port: '0' is not a whole number from 1 to 65535" },
        { "dissector --header layout.json --max-payload 9", "--max-payload applies to --framing binary only; the file of --header states its own, as maxPayloadLength" },
    };

    [Theory]
    [MemberData(nameof(BadUsage))]
    public async Task Bad_usage_is_one_line_and_64(string commandLine, string said) => await FailsAsync(64, said, Words(commandLine));

    [Theory]
    [InlineData("decode --framing binary no-such-file", "no such file: no-such-file")]
    [InlineData("send --connect 127.0.0.1:1 --type 1 --file no-such-file", "no such file: no-such-file")]
    [InlineData("decode --framing binary /", "/ is a directory")]
    [InlineData("decode --header no-such-file", "no such file: no-such-file")]
    [InlineData("decode --header /", "/ is a directory")]
    [InlineData("serve --header no-such-file", "no such file: no-such-file")]
    [InlineData("send --connect 127.0.0.1:1 --header no-such-file --text a", "no such file: no-such-file")]
    public async Task An_unreadable_file_is_one_line_and_66(string commandLine, string said) => await FailsAsync(66, said, Words(commandLine));

    [Fact]
    public async Task More_held_connections_than_rings_can_hold_are_one_line_and_64()
    {
        new TestedEngine(EngineKind.IoUring) { DirectDescriptors = true }.OrSkip();
        await using ToolProcess load = ToolProcess.StartLimited(256, "load", "--connect", "127.0.0.1:1", "--hold", "1000000", "--engine", "iouring");
        ToolResult result = await load.ExitAsync();
        Assert.True(result.ExitCode == 64, $"{result}");
        Assert.StartsWith("framing: MaxConnections is 1000000; with DirectDescriptors", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_and_1()
    {
        await using TestServer server = await TestServer.StartAsync(Iocp.Core.EngineKind.Auto, options => options.Handler = new EchoHandler());
        await FailsAsync(1, $"Cannot listen on {server.EndPoint}", "serve", "--listen", $"{server.EndPoint}");
    }

    [Theory]
    [InlineData(EngineKind.IoUring)]
    [InlineData(EngineKind.Epoll)]
    [InlineData(EngineKind.Sockets)]
    public async Task A_directory_that_is_missing_is_named(EngineKind engine)
    {
        new TestedEngine(engine).OrSkip();
        await FailsAsync(1, "the directory /no/such does not exist", "serve", "--engine", ToolServer.Name(engine), "--listen", "unix:/no/such/socket");
    }

    [Theory]
    [InlineData("send --connect 127.0.0.1:1 --type 1 --text a", "cannot connect to 127.0.0.1:1: ")]
    [InlineData("send --connect unix:/no/such/socket --type 1 --text a", "cannot connect to /no/such/socket: it does not exist")]
    public async Task Nobody_there_is_one_line_and_1(string commandLine, string said) => await FailsAsync(1, said, Words(commandLine));

    [Fact]
    public async Task The_path_of_a_socket_may_be_as_long_as_the_message_says()
    {
        using var file = new SocketFile();
        int longest = OperatingSystem.IsMacOS() ? 103 : 107;
        string path = file.Path + new string('s', longest + 1 - file.Path.Length);
        await FailsAsync(64, $"has {longest + 1} bytes; the path of a UNIX socket has at most {longest}", "send", "--connect", $"unix:{path}", "--type", "1", "--text", "a");
        await FailsAsync(1, $"cannot connect to {path[..longest]}: it does not exist", "send", "--connect", $"unix:{path[..longest]}", "--type", "1", "--text", "a");
    }

    [Theory]
    [InlineData("serve", "64 ", "66 ")]
    [InlineData("load", "64 ", "1ms to 576h")]
    [InlineData("send", "64 ", "66 ")]
    [InlineData("decode", "64 ", "66 ")]
    [InlineData("dissector", "64 ", "66 ")]
    public async Task Help_tells_exit_codes_and_ranges(string command, params string[] said)
    {
        ToolResult result = await ToolProcess.RunAsync(command, "--help");
        string help = string.Join(' ', result.Output);
        Assert.All(["Exit code: 0 ", .. said], text => Assert.Contains(text, help, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve --help")]
    [InlineData("load --help")]
    [InlineData("send --help")]
    [InlineData("decode --help")]
    [InlineData("dissector --help")]
    [InlineData("--version")]
    public async Task Help_is_no_error(string commandLine)
    {
        ToolResult result = await ToolProcess.RunAsync(Words(commandLine));
        Assert.Equal(0, result.ExitCode);
        Assert.NotEmpty(result.Output);
        Assert.Empty(result.Errors);
    }

    private static string[] Words(string commandLine) => commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static async Task FailsAsync(int exitCode, string said, params string[] arguments)
    {
        ToolResult result = await ToolProcess.RunAsync(arguments);
        Assert.True(result.ExitCode == exitCode, $"{result}");
        string line = Assert.Single(result.Errors);
        Assert.StartsWith("framing: ", line, StringComparison.Ordinal);
        Assert.Contains(said, line, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }
}
