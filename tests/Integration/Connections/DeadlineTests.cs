using Iocp.Core;
using Microsoft.Extensions.Time.Testing;

namespace Framing.Integration;

/// <summary>Real sockets on a clock that only the test moves. A deadline is never early; how late it may be is in the timer wheel's own tests.</summary>
public abstract class DeadlineTests(TestedEngine engine) : EngineTests(engine)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task FirstFrameTimeout_closes_who_sent_nothing_or_a_part_and_not_who_sent_a_frame()
    {
        await using TestServer server = await StartOnClockAsync(options => options.FirstFrameTimeout = TimeSpan.FromSeconds(30));
        using PlainClient silent = await server.ConnectAsync();
        using PlainClient partial = await server.ConnectAsync();
        using PlainClient speaks = await server.ConnectAsync();
        await partial.SendAsync(Packets.Make(30).AsMemory(0, 41));
        await speaks.EchoAsync();
        await Eventually.EqualAsync(3, () => server.Server.Wheel.Count, "the number of deadlines");
        await Eventually.TrueAsync(() => server.Server.Connections.Any(connection => connection.BytesReceived == 41), "the part has come");

        _time.Advance(TimeSpan.FromSeconds(30) - s_tick);
        Assert.All(server.Server.Connections, connection => Assert.Equal(CloseReason.None, connection.CloseReason));
        await _time.AdvanceUntilAsync(() => server.Server.Connections.Count(connection => connection.CloseReason != CloseReason.None) == 2, "two are closing");
        await silent.ExpectEndAsync();
        await partial.ExpectEndAsync();
        silent.Dispose();
        partial.Dispose();
        await Eventually.EqualAsync(2, () => server.Closed.Count, "the number of notifications");
        Assert.All(server.Closed, closed => Assert.Equal(CloseReason.FirstFrameTimeout, closed.Reason));

        _time.Advance(TimeSpan.FromDays(1));
        await speaks.EchoAsync();
    }

    [Fact]
    public async Task FirstFrameTimeout_does_not_run_while_the_application_pauses()
    {
        await using TestServer server = await StartOnClockAsync(options => options.FirstFrameTimeout = TimeSpan.FromSeconds(30));
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        connection.PauseReceiving();
        Task echo = client.EchoAsync();
        _time.Advance(TimeSpan.FromSeconds(40));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(CloseReason.None, connection.CloseReason);
        connection.ResumeReceiving();
        await echo;
        _time.Advance(TimeSpan.FromSeconds(60));
        await client.EchoAsync();
    }

    [Fact]
    public async Task FirstFrameTimeout_begins_again_when_a_pause_ends()
    {
        await using TestServer server = await StartOnClockAsync(options => options.FirstFrameTimeout = TimeSpan.FromSeconds(30));
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        connection.PauseReceiving();
        _time.Advance(TimeSpan.FromSeconds(20));
        connection.ResumeReceiving();
        _time.Advance(TimeSpan.FromSeconds(30) - s_tick);
        Assert.Equal(CloseReason.None, connection.CloseReason);
        await _time.TimesOutAsync(server, client, connection, CloseReason.FirstFrameTimeout);
    }

    [Fact]
    public async Task IdleTimeout_begins_again_with_every_byte()
    {
        await using TestServer server = await StartOnClockAsync(options => options.IdleTimeout = TimeSpan.FromSeconds(60));
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        byte[] frame = Packets.Make(100);
        for (int i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(59));
            Assert.Equal(CloseReason.None, connection.CloseReason);
            await client.SendAsync(frame.AsMemory(i, 1));       // a byte is enough
            await Eventually.EqualAsync(i + 1L, () => connection.BytesReceived, "the number of bytes");
        }

        _time.Advance(TimeSpan.FromSeconds(60) - s_tick);
        Assert.Equal(CloseReason.None, connection.CloseReason);
        await _time.TimesOutAsync(server, client, connection, CloseReason.IdleTimeout);
    }

    [Fact]
    public async Task IdleTimeout_does_not_run_while_the_application_pauses()
    {
        await using TestServer server = await StartOnClockAsync(options => options.IdleTimeout = TimeSpan.FromSeconds(60));
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        connection.PauseReceiving();
        _time.Advance(TimeSpan.FromSeconds(200));
        _time.Advance(TimeSpan.FromSeconds(59));
        connection.ResumeReceiving();
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(CloseReason.None, connection.CloseReason);     // idle for 59 s that count
        await client.EchoAsync();
        _time.Advance(TimeSpan.FromSeconds(60) - s_tick);
        Assert.Equal(CloseReason.None, connection.CloseReason);
        await _time.TimesOutAsync(server, client, connection, CloseReason.IdleTimeout);
    }

    [Fact]
    public async Task IdleTimeout_does_not_run_while_the_pull_queue_has_no_room_for_the_connection()
    {
        await using TestServer server = await StartOnClockAsync(
            options =>
            {
                options.Handler = null;
                options.IdleTimeout = TimeSpan.FromSeconds(60);
                options.ReceiveQueueBytesPerConnection = 1;
            });
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        await client.SendAsync(Packets.Make(10));
        await Eventually.EqualAsync(1, () => server.Server.GetStatistics().ReceiveQueueFrames, "the number of queued frames");
        _time.Advance(TimeSpan.FromSeconds(200));
        _time.Advance(TimeSpan.FromSeconds(59));
        (await server.Server.ReceiveAsync()).Dispose();
        Assert.Equal(CloseReason.None, connection.CloseReason);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(CloseReason.None, connection.CloseReason);
        await _time.TimesOutAsync(server, client, connection, CloseReason.IdleTimeout);
    }

    [Fact]
    public async Task SendTimeout_resets_a_peer_that_never_reads_and_harms_nobody_else()
    {
        Wine.SkipResets();
        await using TestServer server = await StartOnClockAsync(options =>
        {
            options.SendTimeout = TimeSpan.FromSeconds(30);
            options.SendBufferSize = 16_384;
        });
        using PlainClient deaf = await server.ConnectAsync(receiveBufferSize: 16_384);
        Connection connection = await server.OnlyOnWheelAsync();
        (PlainClient reads, Connection healthy) = await server.ConnectBothAsync();
        using PlainClient disposed = reads;
        while (connection.Send(Packets.Make(8000)).Status == SendStatus.Queued)
        {
            await reads.EchoAsync();
        }

        await Eventually.EqualAsync(0, () => healthy.BytesQueued, "what is queued for the one who reads");

        TimeSpan moved = await _time.AdvanceUntilAsync(() => !server.Closed.IsEmpty, "the peer that never reads is closed");
        Assert.True(moved >= TimeSpan.FromSeconds(30), $"closed after {moved}");
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Same(connection, closed.Connection);
        Assert.Equal(CloseReason.SendTimeout, closed.Reason);
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => deaf.ReceiveToEndAsync());
        await reads.EchoAsync();
    }

    [Fact]
    public async Task SendTimeout_does_not_run_while_nothing_is_queued()
    {
        await using TestServer server = await StartOnClockAsync(options => options.SendTimeout = TimeSpan.FromSeconds(30));
        using PlainClient client = await server.ConnectAsync();
        for (int i = 0; i < 3; i++)
        {
            await client.EchoAsync();
            Connection connection = await server.OnlyOnWheelAsync();
            await Eventually.EqualAsync(0, () => connection.BytesQueued, "what is queued");
            _time.Advance(TimeSpan.FromMinutes(10));
        }

        await client.EchoAsync();
    }

    [Theory]
    [InlineData(CloseReason.LocalClosed)]
    [InlineData(CloseReason.FrameRejected)]
    public async Task LingerTimeout_ends_a_graceful_close_whose_peer_never_closes(CloseReason reason)
    {
        await using TestServer server = await StartOnClockAsync(options => options.LingerTimeout = TimeSpan.FromSeconds(20));
        using PlainClient client = await server.ConnectAsync();
        await client.EchoAsync();
        Connection connection = await server.OnlyConnectionAsync();
        if (reason == CloseReason.LocalClosed)
        {
            connection.Close();
        }
        else
        {
            await client.SendAsync(Enumerable.Repeat((byte)255, 12).ToArray());
        }

        await client.ExpectEndAsync();
        Assert.Empty(server.Closed);
        TimeSpan moved = await _time.AdvanceUntilAsync(() => !server.Closed.IsEmpty, "the connection is closed");
        Assert.True(moved >= TimeSpan.FromSeconds(20), $"closed after {moved}");
        Assert.Equal(reason, (await server.OnlyCloseAsync()).Reason);
    }

    [Fact]
    public async Task DrainTimeout_ends_a_pulled_connection_whose_last_frame_is_not_disposed()
    {
        await using TestServer server = await StartOnClockAsync(options =>
        {
            options.Handler = null;
            options.DrainTimeout = TimeSpan.FromSeconds(20);
        });
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.Make(10));
        client.FinishSending();
        using ReceivedFrame frame = await server.Server.ReceiveAsync().AsTask().Bounded();
        Task<byte[]> toEnd = client.ReceiveToEndAsync();
        Assert.Equal(SendStatus.Queued, frame.Connection.Send(Packets.Make(3)).Status);     // still open for answers

        TimeSpan moved = await _time.AdvanceUntilAsync(() => !server.Closed.IsEmpty, "the connection is closed");
        Assert.True(moved >= TimeSpan.FromSeconds(20), $"closed after {moved}");
        Assert.Equal(CloseReason.RemoteClosed, (await server.OnlyCloseAsync()).Reason);
        Assert.Equal(Packets.Make(3), await toEnd);
        Assert.Equal(Packets.Make(10), frame.Bytes.ToArray());
    }

    [Fact]
    public async Task DrainTimeout_bounds_a_stop_whose_peer_never_reads()
    {
        Wine.SkipCloseBehindSend(Engine);
        await using TestServer server = await StartOnClockAsync(options =>
        {
            options.DrainTimeout = TimeSpan.FromSeconds(20);
            options.SendTimeout = Timeout.InfiniteTimeSpan;
            options.SendBufferSize = 16_384;
        });
        using PlainClient deaf = await server.ConnectAsync(receiveBufferSize: 16_384);
        Connection connection = await server.OnlyConnectionAsync();
        while (connection.Send(Packets.Make(8000)).Status == SendStatus.Queued)
        {
        }

        Task stopping = server.Server.StopAsync();
        TimeSpan moved = await _time.AdvanceUntilAsync(() => stopping.IsCompleted, "the stop is over");
        Assert.True(moved >= TimeSpan.FromSeconds(20), $"stopped after {moved}");
        Assert.Equal(CloseReason.ServerStopping, (await server.OnlyCloseAsync()).Reason);
    }

    /// <summary>An echo on the test's clock, with no deadline but those that a test sets.</summary>
    private Task<TestServer> StartOnClockAsync(Action<FrameServerOptions> configure) => StartAsync(options =>
    {
        options.TimeProvider = _time;
        options.Handler = new EchoHandler();
        options.FirstFrameTimeout = options.FrameTimeout = options.SendTimeout = Timeout.InfiniteTimeSpan;
        options.LingerTimeout = options.DrainTimeout = TimeSpan.FromDays(20);
        configure(options);
    });
}
