using System.Net;
using System.Net.Sockets;
using Iocp.Core;

namespace Framing.Integration;

public abstract class StopTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task Idle_connections_are_closed_gracefully_with_ServerStopping()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => server.ConnectAsync()));
        await Eventually.EqualAsync(10, () => server.Server.ConnectionCount, "the number of connections");

        Assert.False(server.Server.Completion.IsCompleted);
        Task stopping = server.Server.StopAsync();
        foreach (PlainClient client in clients)
        {
            await client.ExpectEndAsync();
            client.Dispose();
        }

        await stopping.Bounded();
        Assert.True(server.Server.Completion.IsCompletedSuccessfully);
        await server.EmptyAsync();
        Assert.Equal(10, server.Closed.Count);
        Assert.All(server.Closed, closed => Assert.Equal(CloseReason.ServerStopping, closed.Reason));
    }

    /// <summary>Also where the listener is on that handler's worker: each of the two workers has one of the connections.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public async Task A_handler_that_holds_a_worker_up_keeps_no_other_connection_from_its_end_and_is_waited_for(int held, bool hurried)
    {
        var entered = new Signal();
        using var leave = new ManualResetEventSlim();
        await using TestServer server = await StartAsync(options =>
        {
            options.DrainTimeout = hurried ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromHours(1);
            options.Handler = new DelegateHandler((_, _) =>
            {
                entered.Set();
                leave.Wait();
            });
        });
        (PlainClient Client, Connection Connection)[] both = [await server.ConnectBothAsync(), await server.ConnectBothAsync()];
        await both[held].Client.SendAsync(Packets.Make(1));
        await entered.WaitAsync();
        Task stopping = server.Server.StopAsync(new CancellationToken(canceled: hurried));      // neither this nor the timeout ends a handler
        try
        {
            Connection other = both[1 - held].Connection;
            await Eventually.EqualAsync(CloseReason.ServerStopping, () => other.CloseReason, "why the other is closing");
            if (!hurried)
            {
                await both[1 - held].Client.ExpectEndAsync();
            }

            both[1 - held].Client.Dispose();
            Assert.Equal(CloseReason.ServerStopping, (await server.CloseOfAsync(other)).Reason);
            await Eventually.EqualAsync(SendStatus.Closed, () => both[held].Connection.Send(Packets.Make(1)).Status, "what a send on the held one says");
            Assert.False(stopping.IsCompleted);
        }
        finally
        {
            leave.Set();
        }

        both[held].Client.Dispose();
        await stopping.Bounded();
    }

    [Fact]
    public async Task A_dispose_has_begun_to_stop_when_it_returns()
    {
        await using TestServer server = await StartAsync();
        await using var client = new TestClient(Tested);
        ValueTask disposing = client.Client.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.Client.ConnectAsync(server.EndPoint).Bounded());
        await disposing.AsTask().Bounded();
    }

    [Fact]
    public async Task Nobody_is_accepted_after_a_stop()
    {
        await using TestServer server = await StartAsync(endPoint: OwnAddress());
        await server.Server.StopAsync().Bounded();
        SocketException refused = await Eventually.RefusedAsync(() => server.ConnectAsync());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Theory]
    [InlineData(DeliveryKind.Inline)]
    [InlineData(DeliveryKind.Pull)]
    [InlineData(DeliveryKind.PerConnection)]
    public async Task Under_load_every_accepted_connection_gets_exactly_one_notification(DeliveryKind delivery)
    {
        await using TestServer server = await StartAsync(options => options.Echo(delivery), endPoint: OwnAddress());
        Task pulling = Echoes.PullAsync(server.Server, delivery);
        int echoes = 0;
        Task[] clients = [.. Enumerable.Range(0, 24).Select(number => Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using PlainClient client = await server.ConnectAsync();
                    // Half of them come and go; while the listener is being closed all of those may go.
                    for (uint i = 0; i < 30 || number % 2 == 0; i++)
                    {
                        await client.EchoAsync(i, payloadLength: 500);
                        Interlocked.Increment(ref echoes);
                    }
                }
            }
            catch (Exception exception) when (exception is SocketException or EndOfStreamException)
            {
                // The server has stopped.
            }
        }))];

        await Eventually.TrueAsync(() => Volatile.Read(ref echoes) > 500, "there was load");
        await server.Server.StopAsync().Bounded();
        await Task.WhenAll(clients).Bounded();
        await pulling.Bounded();
        await server.EmptyAsync();

        FrameHostStatistics statistics = server.Server.GetStatistics();
        Assert.Equal(statistics.Accepted, server.Closed.Count);
        Assert.Equal(statistics.Accepted, server.Closed.DistinctBy(closed => closed.Connection.Id).Count());
        Assert.Equal(statistics.Accepted, statistics.Closed.Values.Sum());
        Assert.Contains(CloseReason.ServerStopping, statistics.Closed.Keys);
    }

    [Fact]
    public async Task Everything_queued_before_the_stop_leaves()
    {
        const int Frames = 4000;        // 4 MB: more than the system takes at once
        var queued = new Signal();
        await using TestServer server = await StartAsync(options =>
        {
            options.SendQueueBytesPerConnection = 1 << 26;
            options.SendBufferSize = 16_384;
            options.DrainTimeout = options.LingerTimeout = TimeSpan.FromDays(1);
            options.Handler = new DelegateHandler((connection, _) =>
            {
                for (uint i = 0; i < Frames; i++)
                {
                    Assert.Equal(SendStatus.Queued, connection.Send(Packets.Make(1000, i)).Status);
                }

                queued.Set();
            });
        });
        using PlainClient client = await server.ConnectAsync(receiveBufferSize: 16_384);
        await client.SendAsync(Packets.Make(0));
        await queued.WaitAsync();

        Task stopping = server.Server.StopAsync();
        for (uint i = 0; i < Frames; i++)
        {
            Assert.Equal(i, Packets.Serial(await client.ReceiveFrameAsync()));
        }

        Assert.False(stopping.IsCompleted);
        await client.ExpectEndAsync();
        client.Dispose();
        await stopping.Bounded();
        Assert.Equal(CloseReason.ServerStopping, (await server.OnlyCloseAsync()).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_stop_is_abortive_and_still_completes(bool cancelledBeforehand)
    {
        Wine.SkipResets();
        await using TestServer server = await StartAsync(options =>
        {
            options.SendQueueBytesPerConnection = 1 << 26;
            options.SendBufferSize = 16_384;
            options.DrainTimeout = options.LingerTimeout = TimeSpan.FromDays(1);
        });
        using PlainClient neverReads = await server.ConnectAsync(receiveBufferSize: 16_384);
        using PlainClient idle = await server.ConnectAsync();
        await Eventually.EqualAsync(2, () => server.Server.Connections.Count(), "the number of connections");
        foreach (Connection connection in server.Server.Connections)
        {
            if (Equals(connection.RemoteEndPoint, neverReads.Socket.LocalEndPoint))
            {
                connection.Send(Packets.MakeMany(Enumerable.Repeat(8000, 2000)));
            }
        }

        using var cancellation = new CancellationTokenSource();
        if (cancelledBeforehand)
        {
            await cancellation.CancelAsync();
        }

        Task stopping = server.Server.StopAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await stopping.Bounded();
        await server.EmptyAsync();

        Assert.Equal(2, server.Closed.Count);
        Assert.All(server.Closed, closed => Assert.Equal(CloseReason.ServerStopping, closed.Reason));
        await Assert.ThrowsAsync<SocketException>(() => neverReads.ReceiveToEndAsync());
    }

    [Fact]
    public async Task The_port_of_a_stop_in_progress_is_free_already()
    {
        await using TestServer server = await StartAsync(options => options.LingerTimeout = options.DrainTimeout = TimeSpan.FromDays(1), endPoint: OwnAddress());
        using PlainClient holdsUp = await server.ConnectAsync();
        await server.OnlyConnectionAsync();
        Task stopping = server.Server.StopAsync();
        await holdsUp.ExpectEndAsync();

        // Soon: a process that another test is starting at this moment has a copy of every descriptor until it executes its program.
        await using TestServer next = await Eventually.SucceedsAsync<TestServer, ListenException>(
            () => StartAsync(options => options.Handler = new EchoHandler(), endPoint: server.EndPoint));
        using PlainClient client = await next.ConnectAsync();
        await client.EchoAsync();
        Assert.False(stopping.IsCompleted);
        holdsUp.Dispose();
        await stopping.Bounded();
    }

    [Fact]
    public async Task Stopping_twice_waits_for_the_same_stop()
    {
        await using TestServer server = await StartAsync(options => options.LingerTimeout = options.DrainTimeout = TimeSpan.FromDays(1));
        using PlainClient client = await server.ConnectAsync();
        await server.OnlyConnectionAsync();

        Task first = server.Server.StopAsync();
        Task second = server.Server.StopAsync();
        await client.ExpectEndAsync();
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);
        client.Dispose();
        await first.Bounded();
        await second.Bounded();
        await server.Server.StopAsync().Bounded();
        await server.OnlyCloseAsync();
    }

    [Fact]
    public async Task Dispose_without_start_and_dispose_twice_do_nothing()
    {
        var options = new FrameServerOptions();
        Tested.Configure(options);
        options.Listeners.Add(new ListenerOptions { EndPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), Framing = Binary.BinaryFraming.Create() });
        var server = new FrameServer(options);
        await server.DisposeAsync().AsTask().Bounded();
        await server.DisposeAsync().AsTask().Bounded();
        await server.StopAsync().Bounded();

        TestServer started = await StartAsync();
        await Task.WhenAll(started.DisposeAsync().AsTask(), started.DisposeAsync().AsTask()).Bounded();
        await started.DisposeAsync().AsTask().Bounded();
    }

    [Fact]
    public async Task Received_frames_stay_receivable_after_a_stop_without_an_answer_and_are_dropped_by_dispose()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.MakeMany([1, 2, 3]));
        await Eventually.EqualAsync(3, () => server.Server.GetStatistics().ReceiveQueueFrames, "the number of queued frames");
        Task stopping = server.Server.StopAsync();
        await client.ExpectEndAsync();
        using (ReceivedFrame frame = await server.Server.ReceiveAsync())
        {
            Assert.Equal(Packets.Make(1), frame.Bytes.ToArray());
            // Its client still listens, but the stop has begun.
            Assert.Equal(SendStatus.Closed, frame.Connection.Send(frame.Bytes.Span).Status);
            Assert.Equal(SendStatus.Closed, (await frame.Connection.SendAsync(frame.Bytes).AsTask().Bounded()).Status);
        }

        client.Dispose();
        await stopping.Bounded();
        Assert.Empty(server.Closed);    // the notification follows the last frame
        using ReceivedFrame held = await server.Server.ReceiveAsync();
        await server.DisposeAsync();
        Assert.Equal(CloseReason.ServerStopping, (await server.OnlyCloseAsync()).Reason);
        Assert.Equal(Packets.Make(2, 1), held.Bytes.ToArray());
        Assert.False(server.Server.TryReceive(out _, out int queued));
        Assert.Equal(0, queued);
    }

    [Fact]
    public async Task After_a_stop_receiving_says_so_and_enumerations_end()
    {
        await using TestServer server = await StartAsync();
        Task<ReceivedFrame> waiting = server.Server.ReceiveAsync().AsTask();
        Task<int> enumerating = Task.Run(async () => await server.Server.ReceiveAllAsync().CountAsync());
        await server.Server.StopAsync().Bounded();

        Assert.IsType<InvalidOperationException>(await Record.ExceptionAsync(() => waiting.Bounded()));
        Assert.Equal(0, await enumerating.Bounded());
        Assert.IsType<InvalidOperationException>(await Record.ExceptionAsync(() => server.Server.ReceiveAsync().AsTask()));
    }

    [Fact]
    public async Task Dispose_makes_receiving_throw_ObjectDisposedException()
    {
        TestServer server = await StartAsync();
        Task<ReceivedFrame> waiting = server.Server.ReceiveAsync().AsTask();
        await server.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.Bounded());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.Server.ReceiveAsync().AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await server.Server.ReceiveAllAsync().CountAsync());
    }
}
