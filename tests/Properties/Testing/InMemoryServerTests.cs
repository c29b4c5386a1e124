using System.Diagnostics;
using System.Net;
using Framing.Binary;
using Framing.Properties.Generators;
using Framing.Testing;
using Iocp.Core;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Framing.Properties.Testing;

/// <summary>Handlers, each of the three kinds, run against a peer in memory as they do against a socket.</summary>
public sealed class InMemoryServerTests
{
    private static readonly byte[] s_frame = [.. PacketHeadFormat.Head(3, 1, 3, 7), 1, 2, 3];
    private static readonly byte[] s_twice = [.. s_frame, .. s_frame];

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(100)]
    public async Task An_inline_handler_has_seen_a_frame_when_its_last_byte_was_sent(int readSize)
    {
        Echo echo = new();
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: echo));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        await peer.SendAsync(s_twice, readSize).Bounded();
        Assert.Equal(2, echo.Frames);
        Assert.Equal(2, peer.Connection.FramesReceived);

        await peer.EndAsync().Bounded();
        Assert.Equal(s_twice, await peer.ReceiveToEndAsync().Bounded());
        Assert.Equal(CloseReason.RemoteClosed, (await peer.Closed.Bounded()).Reason);
    }

    [Fact]
    public async Task A_consumer_pulls()
    {
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options());
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        await peer.SendAsync(s_frame, 5).Bounded();
        Assert.True(server.Server.TryReceive(out ReceivedFrame frame, out _));
        using (frame)
        {
            Assert.Equal(s_frame, frame.Bytes.ToArray());
            frame.Connection.Send(s_frame);
        }

        Assert.Equal(s_frame, await peer.ReceiveAsync(s_frame.Length).Bounded());
    }

    [Fact]
    public async Task A_connection_handler_speaks_first_and_closes_when_it_ends()
    {
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(connectionHandler: async (connection, frames, closed) =>
        {
            await connection.SendAsync(s_frame, closed);
            await foreach (ReceivedFrame frame in frames)
            {
                frame.Dispose();
                return;
            }
        }));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        Assert.Equal(s_frame, await peer.ReceiveAsync(s_frame.Length).Bounded());
        await peer.SendAsync(s_frame).Bounded();
        Assert.Empty(await peer.ReceiveToEndAsync().Bounded());
        await peer.EndAsync().Bounded();
        Assert.Equal(CloseReason.LocalClosed, (await peer.Closed.Bounded()).Reason);
        await Assert.ThrowsAsync<IOException>(() => peer.SendAsync(s_frame).Bounded());
    }

    [Fact]
    public async Task The_close_reason_says_what_was_wrong()
    {
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Echo()));
        InMemoryPeer malformed = await server.ConnectAsync().Bounded(), truncated = await server.ConnectAsync().Bounded(), reset = await server.ConnectAsync().Bounded();
        await malformed.SendAsync(PacketHeadFormat.Head(-1, 1, 0, 1)).Bounded();
        await malformed.EndAsync().Bounded();
        await truncated.SendAsync(s_frame.AsMemory(0, 13)).Bounded();
        await truncated.EndAsync().Bounded();
        reset.Reset();

        ConnectionClosed closed = await malformed.Closed.Bounded();
        Assert.Equal((CloseReason.FrameRejected, "TotalLengthNegative"), (closed.Reason, closed.Rejection!.Reason));
        Assert.Equal(CloseReason.TruncatedFrame, (await truncated.Closed.Bounded()).Reason);
        Assert.Equal(CloseReason.RemoteReset, (await reset.Closed.Bounded()).Reason);
        await Assert.ThrowsAsync<IOException>(() => reset.ReceiveAsync(1).Bounded());
    }

    [Fact]
    public async Task Who_does_not_read_is_not_read_from_and_loses_nothing()
    {
        byte[] large = [.. PacketHeadFormat.Head(8000, 1, 8000, 7), .. new byte[8000]];
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Echo(), sendQueue: 20_000));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        List<Task> sending = [];
        long began = Stopwatch.GetTimestamp();

        // A pause before the window is full may end again by itself: what is queued still has room there.
        while (!(peer.Connection.IsPaused && peer.Connection.BytesSent == InMemoryPeer.Window))
        {
            if (sending.Count == 0 || sending[^1].IsCompleted)
            {
                sending.Add(peer.SendAsync(large));
                Assert.InRange(sending.Count, 1, 15);       // the window and the queue are full long before
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < Hang.Limit, "the window and the queue do not fill");
            await Task.Yield();
        }

        sending.Add(peer.SendAsync(large));
        sending.Add(peer.EndAsync());
        Assert.False(sending[^1].IsCompleted);
        Assert.Equal((sending.Count - 1) * large.Length, (await peer.ReceiveToEndAsync().Bounded()).Length);
        await Task.WhenAll(sending).Bounded();
    }

    [Fact]
    public async Task What_follows_a_frame_that_paused_is_seen_when_reading_resumes()
    {
        PausingEcho echo = new();
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: echo));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        await peer.SendAsync(s_twice).Bounded();
        Assert.Equal(1, peer.Connection.FramesReceived);
        peer.Connection.ResumeReceiving();
        Assert.Equal(s_twice, await peer.ReceiveAsync(s_twice.Length).Bounded());
        peer.Reset();
    }

    [Fact]
    public async Task A_send_behind_an_end_or_a_reset_says_which_it_was()
    {
        using ManualResetEventSlim goOn = new();
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Held(_ => goOn.Wait())));
        try
        {
            // A handler keeps both from being closed meanwhile.
            InMemoryPeer ended = await server.ConnectAsync().Bounded();
            InMemoryPeer reset = await server.ConnectAsync().Bounded();
            _ = ended.SendAsync(s_twice);
            _ = ended.EndAsync();
            _ = reset.SendAsync(s_twice);
            reset.Reset();
            Assert.Equal("This side has finished sending.", (await Assert.ThrowsAsync<IOException>(() => ended.SendAsync(s_twice).Bounded())).Message);
            Assert.Equal("This side has reset the connection.", (await Assert.ThrowsAsync<IOException>(() => reset.SendAsync(s_twice).Bounded())).Message);
        }
        finally
        {
            goOn.Set();
        }
    }

    [Fact]
    public async Task A_send_does_not_wait_for_those_behind_it()
    {
        using ManualResetEventSlim begin = new(), goOn = new();
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Held(index => (index == 0 ? begin : index == 2 ? goOn : null)?.Wait())));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        Task[] sends = [peer.SendAsync(s_frame), peer.SendAsync(s_frame), peer.SendAsync(s_frame)];
        begin.Set();
        try
        {
            await sends[1].Bounded();
            Assert.False(sends[2].IsCompleted);
        }
        finally
        {
            goOn.Set();
        }

        await sends[2].Bounded();
    }

    [Fact]
    public async Task What_waits_to_be_read_is_lost_with_a_reset()
    {
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new PausingEcho()));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        await peer.SendAsync(s_frame).Bounded();
        Task waiting = peer.SendAsync(s_frame);
        peer.Reset();
        await Assert.ThrowsAsync<IOException>(() => waiting.Bounded());
    }

    [Fact]
    public async Task A_dispose_takes_no_time_of_a_clock_that_the_test_moves()
    {
        InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Echo(), clock: new FakeTimeProvider()));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        await peer.SendAsync(s_frame).Bounded();
        await server.DisposeAsync().AsTask().Bounded();
        Assert.Equal(CloseReason.ServerStopping, (await peer.Closed.Bounded()).Reason);
    }

    [Fact]
    public async Task When_a_frame_was_sent_the_times_that_it_began_have_begun()
    {
        for (int i = 0; i < 200; i++)
        {
            FakeTimeProvider clock = new();
            await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Flood(closes: i % 2 == 0), clock: clock));
            InMemoryPeer peer = await server.ConnectAsync().Bounded();
            await peer.SendAsync(s_frame).Bounded();
            clock.Advance(TimeSpan.FromMinutes(1.1));       // SendTimeout for who takes nothing, LingerTimeout for who does not end
            ConnectionClosed closed = await peer.Closed.Bounded();
            Assert.Equal(i % 2 == 0 ? CloseReason.LocalClosed : CloseReason.SendTimeout, closed.Reason);
        }
    }

    [Fact]
    public async Task Deadlines_run_on_the_clock_of_the_options()
    {
        FakeTimeProvider clock = new();
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Echo(), clock: clock));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        await peer.SendAsync(s_frame.AsMemory(0, 5)).Bounded();
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Empty(await peer.ReceiveToEndAsync().Bounded());
        await peer.EndAsync().Bounded();    // or LingerTimeout passes
        Assert.Equal(CloseReason.FirstFrameTimeout, (await peer.Closed.Bounded()).Reason);
    }

    [Fact]
    public async Task Beyond_MaxConnections_a_peer_waits()
    {
        await using InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Echo(), maxConnections: 1));
        InMemoryPeer first = await server.ConnectAsync().Bounded();
        using CancellationTokenSource gaveUp = new();
        Task<InMemoryPeer> second = server.ConnectAsync(cancellationToken: gaveUp.Token), third = server.ConnectAsync();
        await first.SendAsync(s_frame).Bounded();
        Assert.False(second.IsCompleted || third.IsCompleted);
        await gaveUp.CancelAsync().Bounded();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Bounded());
        first.Reset();
        await (await third.Bounded()).SendAsync(s_frame).Bounded();
    }

    [Fact]
    public async Task A_stop_ends_every_connection()
    {
        InMemoryServer server = await InMemoryServer.StartAsync(Options(handler: new Echo()));
        InMemoryPeer peer = await server.ConnectAsync().Bounded();
        await peer.SendAsync(s_frame).Bounded();
        Task stopping = server.Server.StopAsync();
        Assert.Equal(s_frame, await peer.ReceiveToEndAsync().Bounded());
        await peer.EndAsync().Bounded();
        await stopping.Bounded();
        Assert.Equal(CloseReason.ServerStopping, (await peer.Closed.Bounded()).Reason);
        await Assert.ThrowsAsync<IOException>(() => server.ConnectAsync().Bounded());
        await server.DisposeAsync().AsTask().Bounded();
    }

    private static FrameServerOptions Options(
        IFrameHandler? handler = null, ConnectionHandler? connectionHandler = null, int sendQueue = 262_144, int maxConnections = 100, TimeProvider? clock = null) => new()
    {
        Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 9000), Framing = BinaryFraming.Create() } },
        Handler = handler,
        ConnectionHandler = connectionHandler,
        SendQueueBytesPerConnection = sendQueue,
        LingerTimeout = TimeSpan.FromMinutes(1),
        DrainTimeout = TimeSpan.FromMinutes(1),
        MaxConnections = maxConnections,
        TimeProvider = clock ?? TimeProvider.System,
    };

    /// <summary>Answers with more than a peer has room for, or with a little and a close.</summary>
    private sealed class Flood(bool closes) : IFrameHandler
    {
        public void OnFrame(Connection connection, Frame frame)
        {
            for (int i = 0; i <= (closes ? 0 : InMemoryPeer.Window / frame.Bytes.Length); i++)
            {
                connection.Send(frame.Bytes);
            }

            if (closes)
            {
                connection.Close();
            }
        }
    }

    private sealed class Held(Action<long> seen) : IFrameHandler
    {
        public void OnFrame(Connection connection, Frame frame) => seen(frame.Index);
    }

    private sealed class PausingEcho : IFrameHandler
    {
        public void OnFrame(Connection connection, Frame frame)
        {
            connection.Send(frame.Bytes);
            if (frame.Index == 0)
            {
                connection.PauseReceiving();
            }
        }
    }

    private sealed class Echo : IFrameHandler
    {
        public int Frames { get; private set; }

        public void OnFrame(Connection connection, Frame frame)
        {
            Frames++;
            connection.Send(frame.Bytes);
        }
    }
}
