using Framing.Binary;
using Iocp.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Framing.Integration;

/// <summary>What the log of a host says of its options.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task An_engine_that_ignores_Workers_says_so_once_and_only_when_they_were_set()
    {
        using var journal = new Journal();
        await using TestServer unset = await StartAsync(EngineKind.Sockets, journal);
        Assert.Equal(0, journal.Count("The Workers option"));
        await using TestServer set = await StartAsync(EngineKind.Sockets, journal, options => options.Workers = 3);
        Assert.Equal(1, journal.Count("The Workers option (3) does not apply", LogLevel.Warning));
    }

    [Theory]
    [InlineData(EngineKind.Sockets)]
    [InlineData(EngineKind.Epoll)]
    public async Task An_engine_that_ignores_DirectDescriptors_says_so_once_and_only_when_they_were_set(EngineKind engine)
    {
        new TestedEngine(engine).OrSkip();
        using var journal = new Journal();
        await using TestServer unset = await StartAsync(engine, journal);
        Assert.Equal(0, journal.Count("DirectDescriptors"));
        await using TestServer set = await StartAsync(engine, journal, options => options.DirectDescriptors = true);
        Assert.Equal(1, journal.Count($"DirectDescriptors does not apply to the {engine} engine", LogLevel.Warning));
    }

    [Theory]
    [InlineData(EngineKind.Sockets, 1)]
    [InlineData(EngineKind.Epoll, 0)]
    public async Task An_engine_that_ignores_SpinTime_says_so_once_and_only_when_it_was_set(EngineKind engine, int expected)
    {
        new TestedEngine(engine).OrSkip();
        using var journal = new Journal();
        await using TestServer unset = await StartAsync(engine, journal);
        Assert.Equal(0, journal.Count("SpinTime"));
        await using TestServer set = await StartAsync(engine, journal, options => options.SpinTime = TimeSpan.FromMicroseconds(1));
        Assert.Equal(expected, journal.Count($"SpinTime does not apply to the {engine} engine"));
    }

    [Fact]
    public async Task A_server_whose_frames_nobody_asks_for_says_so_once()
    {
        using var journal = new Journal();
        await using (TestServer server = await StartAsync(EngineKind.Sockets, journal, options =>
        {
            options.Handler = null;
            options.ReceiveQueueBytesPerConnection = 1;
        }))
        {
            using PlainClient first = await server.ConnectAsync();
            using PlainClient second = await server.ConnectAsync();
            await first.SendAsync(Packets.Make(10));
            await second.SendAsync(Packets.Make(10));
            await Eventually.EqualAsync(2, () => server.Server.GetStatistics().FramesReceived, "frames received");
        }

        Assert.Equal(1, journal.Count("Frames wait, connections are not read from, and nobody has asked", LogLevel.Warning));
    }

    [Fact]
    public async Task A_slow_consumer_is_not_taken_for_none()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options =>
        {
            options.Handler = null;
            options.ReceiveQueueBytesPerConnection = 1;
        });
        Assert.False(server.Server.TryReceive(out _, out _));
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.MakeMany([10, 10, 10]));
        for (int i = 0; i < 3; i++)
        {
            (await server.Server.ReceiveAsync().AsTask().Bounded()).Dispose();
        }

        Assert.Equal(0, journal.Count("Frames wait"));
    }

    [Fact]
    public async Task A_stop_says_how_many_connections_it_begins_with_and_that_it_is_over()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options => options.LingerTimeout = options.DrainTimeout = TimeSpan.FromDays(1));
        using PlainClient client = await server.ConnectAsync();
        await client.EchoAsync();
        Task stopping = server.Server.StopAsync();
        await client.ExpectEndAsync();
        Assert.Equal(1, journal.Count("Stopping with 1 connections", LogLevel.Information));
        Assert.Equal(0, journal.Count("Stopped"));      // it waits for the client's end
        client.Dispose();
        await stopping.Bounded();
        Assert.Equal(1, journal.Count("Stopped", LogLevel.Information));
    }

    [Fact]
    public async Task What_a_close_says_has_no_gaps()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options => options.Handler = new EchoHandler());
        using (PlainClient client = await server.ConnectAsync())
        {
            await client.EchoAsync();
        }

        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Contains($"Connection {closed.Connection.Id} with {closed.Connection.RemoteEndPoint} has closed: RemoteClosed", journal.Texts);
    }

    [Fact]
    public async Task A_handler_that_holds_its_worker_up_is_told_of_for_those_who_look_closely()
    {
        using var journal = new Journal();
        var clock = new FakeTimeProvider();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options =>
        {
            options.TimeProvider = clock;
            options.Handler = new DelegateHandler((connection, frame) =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(frame.Index == 0 ? 99 : 100));
                connection.Send(frame.Bytes);
            });
        });
        using PlainClient client = await server.ConnectAsync();
        await client.EchoAsync();
        Assert.Equal(0, journal.Count("A handler held"));
        await client.EchoAsync();
        await Eventually.EqualAsync(1, () => journal.Count("A handler held its worker up for 100 ms", LogLevel.Debug), "how often that was said");
    }

    [Fact]
    public async Task What_there_is_to_know_of_a_connection_that_failed_is_said_at_the_level_that_the_docs_name()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options =>
        {
            options.Handler = new DelegateHandler((_, _) => throw new InvalidOperationException("no frame today"));
            options.Closed = _ => throw new InvalidOperationException("no notice today");
        });
        Assert.Equal(1, journal.Count("Listening on", LogLevel.Information));
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.Make(20));
        await client.ExpectEndAsync();
        client.Dispose();
        await Eventually.EqualAsync(1, () => journal.Count("The Closed callback threw", LogLevel.Error), "the notification's failure");
        Assert.Equal(1, journal.Count("Connection ", LogLevel.Error));
        Assert.Equal(1, journal.Count("Connection ", LogLevel.Debug));
        using PlainClient malformed = await server.ConnectAsync();
        await malformed.SendAsync(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 1, 0 });
        await malformed.ExpectEndAsync();
        malformed.Dispose();
        await Eventually.EqualAsync(2, () => journal.Count("Connection ", LogLevel.Debug), "the ends of connections");
        Assert.Equal(1, journal.Count("Connection ", LogLevel.Error));
    }

    [Fact]
    public async Task What_a_handler_has_registered_for_the_close_and_throws_is_said()
    {
        using var journal = new Journal();
        var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options =>
        {
            options.Handler = null;
            options.ConnectionHandler = async (_, frames, closed) =>
            {
                closed.Register(() => throw new InvalidOperationException("not today"));
                registered.SetResult();
                await foreach (ReceivedFrame frame in frames)
                {
                    frame.Dispose();
                }
            };
        });
        using PlainClient client = await server.ConnectAsync();
        await registered.Task.Bounded();
        await server.Server.StopAsync(new CancellationToken(canceled: true)).Bounded();
        await Eventually.EqualAsync(1, () => journal.Count("What was to happen at the close of connection", LogLevel.Error), "how often that was said");
    }

    [Fact]
    public async Task The_categories_are_the_names_of_the_classes()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal);
        Assert.Equal("Iocp.Core.FrameServer", Assert.Single(journal.Categories));
        await using var client = new FrameClient(new FrameClientOptions { Framing = BinaryFraming.Create(), Engine = EngineKind.Sockets, LoggerFactory = journal });
        Assert.Equal(["Iocp.Core.FrameServer", "Iocp.Core.FrameClient"], journal.Categories);
    }

    [Fact]
    public async Task Nothing_is_logged_for_a_frame()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options => options.TimeProvider = new FakeTimeProvider());     // no handler is slow
        using PlainClient client = await server.ConnectAsync();
        await client.EchoAsync();
        int before = journal.Total;
        for (int i = 0; i < 100; i++)
        {
            await client.EchoAsync();
        }

        Assert.Equal(before, journal.Total);
    }

    [Fact]
    public async Task Refused_sends_are_counted_and_said_once_a_minute()
    {
        using var journal = new Journal();
        var clock = new FakeTimeProvider();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options => options.TimeProvider = clock);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            await RefuseAsync(1);
            clock.Advance(TimeSpan.FromMinutes(1));
            await RefuseAsync(2);
            Assert.Equal((6, 0), (server.Server.GetStatistics().SendsRefused, connection.FramesSent));
        }

        async Task RefuseAsync(int expected)
        {
            Assert.Equal(SendStatus.Refused, connection.Send("no packet"u8).Status);
            Assert.Equal(SendStatus.Refused, server.Server.Send(connection.Id, "no packet"u8).Status);
            Assert.Equal(SendStatus.Refused, (await connection.SendAsync("no packet"u8.ToArray())).Status);
            Assert.Equal(expected, journal.Count($"A send on connection {connection.Id} was refused by its framing: TruncatedFrame", LogLevel.Warning));
        }
    }

    [Fact]
    public async Task That_all_connections_are_in_use_is_said_once_a_minute()
    {
        using var journal = new Journal();
        var clock = new FakeTimeProvider();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options =>
        {
            options.MaxConnections = 1;
            options.TimeProvider = clock;
        });
        await FillAsync(1);
        clock.Advance(TimeSpan.FromMinutes(1));
        await FillAsync(2);

        // Each finds the place taken and waits for the one before to leave.
        async Task FillAsync(int expected)
        {
            PlainClient served = await server.ConnectAsync();
            await served.EchoAsync();
            for (int i = 0; i < 5; i++)
            {
                PlainClient waiting = await server.ConnectAsync();
                Task echo = waiting.EchoAsync();
                await Eventually.EqualAsync(expected, () => journal.Count("All 1 connections are in use"), "how often that was said");
                served.Dispose();
                await echo;
                served = waiting;
            }

            served.Dispose();
            await server.EmptyAsync();
            Assert.Equal(expected, journal.Count("All 1 connections are in use"));
        }
    }

    private static Task<TestServer> StartAsync(EngineKind engine, Journal journal, Action<FrameServerOptions>? configure = null)
        => TestServer.StartAsync(engine, options =>
        {
            options.Handler = new EchoHandler();
            options.LoggerFactory = journal;
            configure?.Invoke(options);
        });
}
