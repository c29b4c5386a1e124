using System.Net;
using System.Net.Sockets;
using Framing.Tool.Parsing;
using Iocp.Core;

namespace Framing.Integration.Tool;

/// <summary><c>framing serve</c>: what it prints, where it listens, and how it stops.</summary>
public sealed class ServeTests
{
    [Theory]
    [InlineData("INT", "inline")]
    [InlineData("TERM", "inline")]
    [InlineData("TERM", "pull")]
    public async Task A_signal_stops_it_with_0_and_its_connections_are_told(string signal, string delivery)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such signals.");
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--delivery", delivery);
        using PlainClient client = await server.ConnectAsync();
        byte[] frame = Packets.Make(100, 1);
        await client.SendAsync(frame);
        Assert.Equal(frame, await client.ReceiveFrameAsync());

        await server.Process.SignalAsync(signal);

        Assert.Empty(await client.ReceiveToEndAsync());
        client.Dispose();
        ToolResult result = await server.Process.ExitAsync();
        Assert.True(result.ExitCode == 0, $"{result}");
        Assert.Empty(result.Errors);
        ToolStatistics last = ToolStatistics.TryParse(result.Output[^1])!;
        Assert.Equal((0, 1, 1), (last.Connections, last.Accepted, last.FramesReceived));
        Assert.Equal(1, last.Closed[nameof(CloseReason.ServerStopping)]);
    }

    [Fact]
    public async Task It_listens_where_the_help_says_when_it_is_not_told_where()
    {
        // Whether the port is free is not this test's to say: either way it is named.
        await using ToolProcess server = ToolProcess.Start("serve", "--engine", "sockets");
        await Eventually.TrueAsync(() => server.Output.Concat(server.Errors).Any(line => line.Contains("127.0.0.1:9000", StringComparison.Ordinal)), "the port is named");
    }

    [Fact]
    public async Task It_names_each_listener_on_a_line_in_order()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 && Socket.OSSupportsUnixDomainSockets, "Wants IPv6 and UNIX sockets.");
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using ToolProcess server = ToolProcess.Start(
            "serve", "--framing", "xml-raw", "--engine", "sockets", "--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--listen", $"unix:{path}");
        await server.LineAsync(line => line.Contains(path, StringComparison.Ordinal), "the last listener is named");

        Assert.Equal(3, server.Output.Length);
        IPEndPoint v4 = IPEndPoint.Parse(Between(server.Output[0]));
        IPEndPoint v6 = IPEndPoint.Parse(Between(server.Output[1]));
        Assert.Equal(IPAddress.Loopback, v4.Address);
        Assert.Equal(IPAddress.IPv6Loopback, v6.Address);
        Assert.Equal($"unix:{path}", Between(server.Output[2]));
        foreach (EndPoint endPoint in new EndPoint[] { v4, v6, new UnixDomainSocketEndPoint(path) })
        {
            using PlainClient client = await PlainClient.ConnectAsync(endPoint);
            await client.SendAsync("<a/>"u8.ToArray());
            Assert.Equal("<a/>"u8.ToArray(), await client.ReceiveAsync(4));
        }

        static string Between(string line)
        {
            Assert.StartsWith("listening on ", line, StringComparison.Ordinal);
            Assert.EndsWith(" (xml-raw framing, sockets engine)", line, StringComparison.Ordinal);
            return line["listening on ".Length..].Split(' ')[0];
        }
    }

    [Theory]
    [InlineData(EngineKind.Sockets, "sockets")]
    [InlineData(EngineKind.Epoll, "epoll")]
    [InlineData(EngineKind.IoUring, "io_uring")]
    public async Task Without_a_terminal_it_prints_no_more_than_its_listeners(EngineKind engine, string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such signals.");
        new TestedEngine(engine).OrSkip();
        await using ToolProcess server = ToolProcess.Start("serve", "--engine", ToolServer.Name(engine), "--listen", "127.0.0.1:0");
        string line = await server.LineAsync(_ => true, "it listens");
        Assert.Matches($@"^listening on 127\.0\.0\.1:\d+ \(binary framing, {name} engine\)$", line);
        await server.SignalAsync("TERM");
        Assert.Single((await server.ExitAsync()).Output);
    }

    [Theory]
    [InlineData("--idle-timeout", "0s")]
    [InlineData("--first-frame-timeout", "0ms")]
    [InlineData("--spin", "0")]
    [InlineData("--spin", "0us")]
    public async Task Nothing_of_a_time_is_off(string option, string none)
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, option, none);
        using PlainClient client = await server.ConnectAsync();
        await client.EchoAsync();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0us")]
    [InlineData("0ms")]
    [InlineData("0s")]
    [InlineData("0.0h")]
    public void Nothing_of_a_deadline_is_none_and_nothing_of_a_spin_is_no_spin(string none)
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, DurationText.ParseDeadline(none));
        Assert.Equal(TimeSpan.Zero, DurationText.ParseSpin(none));
    }

    [Theory]
    [InlineData(EngineKind.IoUring)]
    [InlineData(EngineKind.Epoll)]
    public async Task More_workers_than_there_are_descriptors_for_are_refused_and_leave_the_runtime_some(EngineKind engine)
    {
        new TestedEngine(engine).OrSkip();
        await using ToolProcess server = ToolProcess.StartLimited(
            200, "serve", "--listen", "127.0.0.1:0", "--engine", ToolServer.Name(engine), "--workers", "100");
        ToolResult result = await server.ExitAsync();
        Assert.True(result.ExitCode == 1, $"{result}");
        Assert.StartsWith("framing: Cannot listen on 127.0.0.1:0: Too many open files", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_stops_when_nobody_reads_its_statistics()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for a UNIX shell.");
        await using ToolProcess script = ToolProcess.StartInScript(
            "{ \"$@\"; echo $? >&2; } | head -n 1", "serve", "--engine", "sockets", "--listen", "127.0.0.1:0", "--stats", "json");
        ToolResult result = await script.ExitAsync().Bounded();
        Assert.StartsWith("listening on ", Assert.Single(result.Output), StringComparison.Ordinal);
        Assert.Equal(["framing: Broken pipe", "1"], result.Errors);
    }

    [Fact]
    public async Task Its_limits_are_the_ones_asked_for()
    {
        await using (ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--max-payload", "10"))
        {
            using PlainClient tooLong = await server.ConnectAsync();
            await tooLong.SendAsync(Packets.Make(11));
            Assert.Empty(await tooLong.ReceiveToEndAsync());
            tooLong.Dispose();
            Assert.Equal(1, (await server.AllGoneAsync(1)).Closed[nameof(CloseReason.FrameRejected)]);
        }

        foreach (CloseReason reason in new[] { CloseReason.FirstFrameTimeout, CloseReason.IdleTimeout })
        {
            (string firstFrame, string idle) = reason == CloseReason.IdleTimeout ? ("0", "300ms") : ("300ms", "0");
            await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--first-frame-timeout", firstFrame, "--idle-timeout", idle);
            using PlainClient silent = await server.ConnectAsync();
            Assert.Empty(await silent.ReceiveToEndAsync());
            silent.Dispose();
            Assert.Equal(1, (await server.AllGoneAsync(1)).Closed[reason.ToString()]);
        }
    }
}
