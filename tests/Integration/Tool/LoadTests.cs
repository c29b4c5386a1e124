using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Iocp.Core;

namespace Framing.Integration.Tool;

/// <summary><c>framing load</c>: it finds what a server does wrong, and nothing else.</summary>
public sealed class LoadTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--split")]
    [InlineData("--payload 0")]
    [InlineData("--payload 8192 --depth 8")]
    [InlineData("--payload 8192 --depth 8 --split")]
    [InlineData("--rate 500")]
    [InlineData("--framing xml-raw --payload 1000 --depth 4")]
    [InlineData("--framing xml-raw --payload 1 --split")]
    public async Task An_honest_server_passes(string arguments)
    {
        string[] words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, words.Contains("xml-raw") ? ["--framing", "xml-raw"] : []);
        string[] engine = words.Contains("--split") ? [] : ["--engine", "sockets"];
        ToolResult result = await ToolProcess.RunAsync(["load", "--connect", server.Address, "--json", "--duration", "2s", .. engine, .. words]);
        Assert.True(result.ExitCode == 0, $"{result}");
        Assert.Empty(result.Errors);
        AssertEchoes(Report(result));
        Assert.False(Report(result).GetProperty("interrupted").GetBoolean());
    }

    [Fact]
    public async Task Messages_at_a_rate_go_on_leaving_and_none_before_it_is_due()
    {
        const int rate = 500;
        const int messages = rate / 2;
        var taken = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = ScriptedServer.Start(async client =>
        {
            byte[] greeting = await client.ReceiveFrameAsync();
            long start = Stopwatch.GetTimestamp();
            await client.SendAsync(greeting);       // its time begins when this has come
            for (int i = 0; i < messages; i++)
            {
                await client.SendAsync(await client.ReceiveFrameAsync());
            }

            taken.SetResult(Stopwatch.GetElapsedTime(start));
            await client.ReceiveToEndAsync();
        });
        await using ToolProcess load = ToolProcess.Start("load", "--connect", $"{server.EndPoint}", "--connections", "1", "--rate", $"{rate}", "--duration", "10m");
        // The first is due at once. How far a busy machine falls behind is not said.
        Assert.InRange(await taken.Task.Bounded(), TimeSpan.FromSeconds((messages - 1) / (double)rate), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task What_was_due_and_had_no_room_to_leave_is_reported()
    {
        // No echo comes back within a microsecond.
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets);
        string[] arguments = ["load", "--connect", server.Address, "--connections", "1", "--duration", "1s"];
        ToolResult paced = await ToolProcess.RunAsync([.. arguments, "--rate", "1000000", "--json"]);
        Assert.True(paced.ExitCode == 0, $"{paced}");
        Assert.InRange(Report(paced).GetProperty("notSent").GetInt64(), 1, long.MaxValue);
        ToolResult text = await ToolProcess.RunAsync([.. arguments, "--rate", "1000000"]);
        Assert.Equal(["load", "frames/s", "MB/s", "latency", "not", "errors"], text.Output.Select(line => line.Split(' ')[0]));
        ToolResult unpaced = await ToolProcess.RunAsync([.. arguments, "--json"]);
        Assert.Equal(0, Report(unpaced).GetProperty("notSent").GetInt64());
    }

    [Theory]
    [InlineData("--framing binary")]
    [InlineData("--framing binary --split")]
    [InlineData("--framing xml-raw --split")]
    public async Task Echoes_may_come_back_in_single_bytes(string arguments)
    {
        await using ScriptedServer server = ScriptedServer.Start(async client =>
        {
            byte[] buffer = new byte[4096];
            for (int count; (count = await client.Socket.ReceiveAsync(buffer)) > 0;)
            {
                await client.SendInPiecesAsync(buffer.AsMemory(0, count), 1);
            }
        });
        ToolResult result = await ToolProcess.RunAsync(
            ["load", "--connect", $"{server.EndPoint}", "--connections", "2", "--payload", "20", "--duration", "2s", "--json", .. arguments.Split(' ')]);
        Assert.True(result.ExitCode == 0, $"{result}");
        AssertEchoes(Report(result));
    }

    [Theory]
    [InlineData(0, 20, "--framing binary")]
    [InlineData(7, 5_000, "--framing binary")]
    [InlineData(3, 5_000, "--framing binary --split")]
    [InlineData(5, 5_000, "--framing xml-raw")]
    public async Task One_flipped_bit_is_found(int bit, int at, string arguments)
    {
        await using ScriptedServer server = ScriptedServer.Start(async client =>
        {
            byte[] buffer = new byte[4096];
            int passed = 0;
            for (int count; (count = await client.Socket.ReceiveAsync(buffer)) > 0; passed += count)
            {
                if (at >= passed && at < passed + count)
                {
                    buffer[at - passed] ^= (byte)(1 << bit);
                }

                await client.SendAsync(buffer.AsMemory(0, count));
            }
        });
        JsonElement report = await FailsAsync(server, arguments.Split(' '));
        Assert.Equal(1, report.GetProperty("errors").GetProperty("wrong").GetInt32());

        int length = arguments.Contains("xml-raw", StringComparison.Ordinal) ? 64 : Packets.HeaderSize + 64;
        string[] words = report.GetProperty("samples")[0].GetString()!.Split(' ');
        Assert.Equal($"connection 0: message {at / length} came back changed: byte {at % length} is", string.Join(' ', words[..^4]));
        Assert.Equal(1 << bit, Convert.ToByte(words[^4], 16) ^ Convert.ToByte(words[^1], 16));
    }

    [Theory]
    [InlineData("--framing binary")]
    [InlineData("--framing binary --split")]
    [InlineData("--framing xml-raw")]
    public async Task A_server_that_leaves_early_is_found(string arguments)
    {
        await using ScriptedServer server = ScriptedServer.Start(async client =>
        {
            for (int i = 0; i < 3; i++)
            {
                byte[] buffer = new byte[64];
                await client.SendAsync(buffer.AsMemory(0, await client.Socket.ReceiveAsync(buffer)));
            }
        });
        JsonElement errors = (await FailsAsync(server, arguments.Split(' '))).GetProperty("errors");
        Assert.Equal(1, errors.GetProperty("closed").GetInt32() + errors.GetProperty("wrong").GetInt32());
    }

    [Theory]
    [InlineData("--engine auto")]
    [InlineData("--engine sockets")]
    public async Task A_server_that_leaves_at_once_is_found(string arguments)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task closing = Task.Factory.StartNew(
            () =>
            {
                // In a loop of its own: so soon that of many connections some end before the load has made anything of them.
                while (true)
                {
                    listener.Accept().Dispose();
                }
            },
            TaskCreationOptions.LongRunning);
        ToolResult result = await ToolProcess.RunAsync(
            ["load", "--connect", $"{listener.LocalEndPoint}", "--connections", "3000", "--duration", "1s", "--json", .. arguments.Split(' ')]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(3000, Report(result).GetProperty("errors").GetProperty("closed").GetInt32());
        listener.Dispose();
        Assert.True(await Record.ExceptionAsync(() => closing.Bounded()) is SocketException or ObjectDisposedException);
    }

    [Theory]
    [InlineData("--engine sockets")]
    [InlineData("--split")]
    public async Task Nobody_there_is_found_at_once_and_named(string arguments)
    {
        ToolResult result = await ToolProcess.RunAsync(["load", "--connect", "127.0.0.1:1", "--connections", "3", "--duration", "10m", "--json", .. arguments.Split(' ')]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(3, Report(result).GetProperty("errors").GetProperty("connect").GetInt32());
        Assert.Contains("cannot connect: 127.0.0.1:1: ", Report(result).GetProperty("samples")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Held_connections_are_answered_when_they_are_open_and_again_later()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Auto);
        ToolResult result = await ToolProcess.RunAsync("load", "--connect", server.Address, "--hold", "500", "--duration", "300ms", "--json");
        Assert.True(result.ExitCode == 0, $"{result}");
        Assert.Equal((500, 500), (Report(result).GetProperty("greetings").GetInt64(), Report(result).GetProperty("frames").GetInt64()));
        Assert.False(Report(result).TryGetProperty("framesPerSecond", out _), "a rate of connections that were left alone");
        ToolResult text = await ToolProcess.RunAsync("load", "--connect", server.Address, "--hold", "20", "--duration", "100ms");
        Assert.Equal(["hold", "echoed", "errors"], text.Output.Select(line => line.Split(' ')[0]));
    }

    [Theory]
    [InlineData(EngineKind.IoUring, "--engine iouring")]
    [InlineData(EngineKind.Epoll, "--engine epoll")]
    [InlineData(EngineKind.Sockets, "--split")]
    public async Task However_many_connect_at_once_the_last_descriptors_stay_free(EngineKind engine, string arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors are kept free on Linux.");
        new TestedEngine(engine).OrSkip();
        const int descriptors = 200;
        const int others = 5;       // an engine's own may be fewer than the portable one's
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets);

        async Task<int> ConnectedAsync(string by)
        {
            await using ToolProcess load = ToolProcess.StartLimited(
                descriptors, ["load", "--connect", server.Address, "--connections", $"{2 * descriptors}", "--duration", "10ms", "--json", .. by.Split(' ')]);
            ToolResult result = await load.ExitAsync();
            Assert.True(result.ExitCode == 1, $"{result}");
            return (2 * descriptors) - Report(result).GetProperty("errors").GetProperty("connect").GetInt32();
        }

        // A socket of the portable engine takes one descriptor, and none of the last.
        int most = 0;
        for (int i = 0; i < 3; i++)
        {
            most = Math.Max(most, await ConnectedAsync("--engine sockets") + others);
        }

        for (int i = 0; i < 3; i++)
        {
            Assert.InRange(await ConnectedAsync(arguments), 1, most);
        }
    }

    [Fact]
    public async Task An_interrupted_hold_sends_no_second_round()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such signals.");
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets);
        await using ToolProcess load = ToolProcess.Start("load", "--connect", server.Address, "--hold", "20", "--duration", "10m");
        await server.StatisticsAsync(statistics => statistics.FramesReceived == 20, "the first round has come");
        await load.SignalAsync("INT");
        ToolResult result = await load.ExitAsync();
        Assert.True(result.ExitCode == 0, $"{result}");
        Assert.Equal(["hold", "echoed", "interrupted", "errors"], result.Output.Select(line => line.Split(' ')[0]));
        Assert.DoesNotContain("600.0 s", result.Output[0], StringComparison.Ordinal);
        Assert.Contains("every byte of 20 frames", result.Output[^1], StringComparison.Ordinal);
        Assert.Equal(20, (await server.AllGoneAsync(20)).FramesReceived);
    }

    [Theory]
    [InlineData("--engine sockets")]
    [InlineData("--split")]
    public async Task An_interrupted_load_that_nothing_came_back_to_is_no_success(string arguments)
    {
        using FullListener listener = await FullListener.StartAsync();
        await using ToolProcess load = ToolProcess.Start(["load", "--connect", $"{listener.EndPoint}", "--connections", "1", .. arguments.Split(' ')]);
        string connecting = $" 0100007F:{((IPEndPoint)listener.EndPoint).Port:X4} 02 ";     // SYN_SENT
        await Eventually.TrueAsync(() => File.ReadLines("/proc/net/tcp").Any(line => line.Contains(connecting, StringComparison.Ordinal)), "it is connecting");
        await load.SignalAsync("INT");
        ToolResult result = await load.ExitAsync();
        Assert.True(result.ExitCode == 1, $"{result}");
        Assert.Equal(["interrupted by a signal", "errors     none, but no frame came back either"], result.Output[^2..]);
    }

    [Fact]
    public async Task It_ends_when_nobody_who_was_accepted_is_answered()
    {
        await using ScriptedServer server = ScriptedServer.Start(static client => client.ReceiveToEndAsync());
        ToolResult result = await ToolProcess.RunAsync("load", "--connect", $"{server.EndPoint}", "--connections", "2", "--depth", "4", "--duration", "10m", "--json").Bounded();
        Assert.True(result.ExitCode == 1, $"{result}");
        Assert.Equal(2, Report(result).GetProperty("errors").GetProperty("lost").GetInt64());
        Assert.All(Report(result).GetProperty("samples").EnumerateArray(), sample => Assert.Contains("may not have accepted it", sample.GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connect_that_takes_too_long_is_told_in_the_commands_words()
    {
        using FullListener listener = await FullListener.StartAsync();
        ToolResult result = await ToolProcess.RunAsync("load", "--connect", $"{listener.EndPoint}", "--connections", "1", "--engine", "sockets", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"connection 0: cannot connect: {listener.EndPoint} was not reached within 15s", Report(result).GetProperty("samples")[0].GetString());
    }

    [Fact]
    public async Task A_second_signal_waits_for_no_echo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such signals.");
        Signal sending = new();
        Signal over = new();
        await using ScriptedServer server = ScriptedServer.Start(async client =>
        {
            await client.SendAsync(await client.ReceiveFrameAsync());

            // As many are under way before the first echo as take minutes, so that the signals come first; yet none is so late that it is given up.
            List<byte[]> frames = await client.ReceiveFramesAsync(1000);
            sending.Set();
            foreach (byte[] frame in frames.TakeWhile(_ => !over.IsSet))
            {
                await client.SendAsync(frame);
                await Task.Delay(200);
            }
        });
        await using ToolProcess load = ToolProcess.Start(
            "load", "--connect", $"{server.EndPoint}", "--connections", "1", "--depth", "65536", "--payload", "0", "--duration", "10m", "--json");
        await sending.WaitAsync();
        await load.SignalAsync("INT");
        await load.SignalAsync("TERM");     // another, or they might become one
        try
        {
            ToolResult result = await load.ExitAsync().Bounded();
            Assert.Equal(1, result.ExitCode);
            Assert.NotEqual(0, Report(result).GetProperty("errors").GetProperty("lost").GetInt64());
            Assert.True(Report(result).GetProperty("interrupted").GetBoolean());
        }
        finally
        {
            over.Set();
        }
    }

    [Fact]
    public async Task A_held_connection_that_the_server_gives_up_is_found()
    {
        await using ScriptedServer server = ScriptedServer.Start(async client =>
        {
            byte[] buffer = new byte[512];
            await client.SendAsync(buffer.AsMemory(0, await client.Socket.ReceiveAsync(buffer)));
        });
        ToolResult result = await ToolProcess.RunAsync("load", "--connect", $"{server.EndPoint}", "--hold", "3", "--duration", "1s", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(3, Report(result).GetProperty("errors").GetProperty("closed").GetInt32());
        Assert.EndsWith("closed after 1 message: RemoteClosed", Report(result).GetProperty("samples")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_may_be_under_way_than_queues_and_sockets_hold()
    {
        using var file = new SocketFile();
        await using TestServer server = await TestServer.StartAsync(EngineKind.Sockets, options => options.Handler = new EchoHandler(), endPoint: file.EndPoint);
        ToolResult result = await ToolProcess.RunAsync(
            "load", "--connect", $"unix:{file.Path}", "--connections", "1", "--depth", "512", "--payload", "8000", "--duration", "500ms", "--json");
        Assert.True(result.ExitCode == 0, $"{result}");
    }

    [Fact]
    public async Task What_the_client_itself_refuses_is_not_lost()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--framing", "xml-document");
        ToolResult result = await ToolProcess.RunAsync(
            "load", "--connect", server.Address, "--framing", "xml-document", "--max-document", "100", "--payload", "200", "--connections", "2", "--duration", "10m", "--json");
        Assert.Equal(1, result.ExitCode);
        JsonElement errors = Report(result).GetProperty("errors");
        Assert.Equal((2, 0), (errors.GetProperty("closed").GetInt32(), errors.GetProperty("lost").GetInt32()));
    }

    [Theory]
    [InlineData("--engine sockets")]
    [InlineData("--split")]
    public async Task Who_is_closed_without_an_answer_is_told_what_may_be_the_reason(string arguments)
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--max-payload", "10");
        ToolResult result = await ToolProcess.RunAsync(["load", "--connect", server.Address, "--connections", "1", "--duration", "10m", "--json", .. arguments.Split(' ')]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("closed after 0 messages: RemoteClosed; the other side may have refused it", Report(result).GetProperty("samples")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_get_a_report_in_words()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets);
        ToolResult result = await ToolProcess.RunAsync("load", "--connect", server.Address, "--duration", "200ms");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["load", "frames/s", "MB/s", "latency", "errors"], result.Output.Select(line => line.Split(' ')[0]));
        Assert.Contains("none: every byte", result.Output[^1], StringComparison.Ordinal);
    }

    private static async Task<JsonElement> FailsAsync(ScriptedServer server, string[] arguments)
    {
        ToolResult result = await ToolProcess.RunAsync(
            ["load", "--connect", $"{server.EndPoint}", "--connections", "1", "--duration", "10m", "--json", .. arguments]);
        Assert.True(result.ExitCode == 1, $"{result}");
        JsonElement report = Report(result);
        Assert.NotEqual(0, report.GetProperty("samples").GetArrayLength());
        return report;
    }

    // By the longest of the times: what counts as a frame is only what came back in time, which on a busy machine may be nothing.
    private static void AssertEchoes(JsonElement report)
        => Assert.InRange(report.GetProperty("latencyMicroseconds").GetProperty("max").GetDouble(), 1, double.MaxValue);

    private static JsonElement Report(ToolResult result) => JsonDocument.Parse(Assert.Single(result.Output)).RootElement;
}
