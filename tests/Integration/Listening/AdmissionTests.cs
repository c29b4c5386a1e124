using System.Net;
using System.Net.Sockets;
using Framing.Binary;
using Iocp.Core;
using Microsoft.Extensions.Logging;

namespace Framing.Integration;

public abstract class AdmissionTests(TestedEngine engine) : EngineTests(engine)
{
    private const int SendQueueBytes = 64 << 20;    // half of it is more than the system takes

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task Clients_beyond_MaxConnections_wait_and_each_is_served_when_one_leaves(int accepts)
    {
        await using TestServer server = await StartAsync(options => Limited(options, 2, accepts));
        PlainClient[] clients = [.. await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.ConnectAsync()))];
        List<(PlainClient Client, Task<byte[]> Answer)> waiting = [];
        for (uint i = 0; i < clients.Length; i++)
        {
            await clients[i].SendAsync(Packets.Make(20, i));
            waiting.Add((clients[i], clients[i].ReceiveAsync(32)));
        }

        for (int served = 0; waiting.Count > 0; served++)
        {
            Task<byte[]> answer = await Task.WhenAny(waiting.Select(pair => pair.Answer));
            Assert.Equal(32, (await answer).Length);    // nobody is closed for want of room
            Assert.InRange(server.Server.ConnectionCount, 0, 2);
            Assert.InRange(server.Server.GetStatistics().Accepted, 1, served + 2);
            int index = waiting.FindIndex(pair => pair.Answer == answer);
            waiting[index].Client.Dispose();
            waiting.RemoveAt(index);
        }

        await server.EmptyAsync();
        Assert.Equal(12, server.Closed.Count);
    }

    [Fact]
    public async Task A_listener_gets_its_turn_while_somebody_always_waits_at_another()
    {
        await using TestServer server = await StartAsync(options =>
        {
            Limited(options, 1, accepts: 2);
            options.Workers = Tested.Kind == EngineKind.Sockets ? null : 1;     // on several the two would race
            options.Listeners.Add(new ListenerOptions { EndPoint = OwnAddress(), Framing = BinaryFraming.Create() });
        });
        using PlainClient first = await server.ConnectAsync();
        await first.EchoAsync();
        PlainClient[] busy = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => server.ConnectAsync()));
        List<Task<PlainClient>> served = [.. busy.Select(ServedAsync)];
        using PlainClient other = await PlainClient.ConnectAsync(server.Server.EndPoints[1]);
        Task<PlainClient> otherServed = ServedAsync(other);
        first.Dispose();
        while (await Task.WhenAny([otherServed, .. served]) is var next && next != otherServed)
        {
            served.Remove(next);
            (await next).Dispose();
        }

        await otherServed;
        Assert.NotEmpty(served);
        Array.ForEach(busy, client => client.Dispose());

        static async Task<PlainClient> ServedAsync(PlainClient client)
        {
            await client.EchoAsync();
            return client;
        }
    }

    [Fact]
    public async Task Who_waits_is_not_overtaken_for_ever_by_who_comes_later()
    {
        await using TestServer server = await StartAsync(options => Limited(options, 1, accepts: 4));
        int served = 0;
        var ranks = new List<Task<int>>();
        using (PlainClient first = await server.ConnectAsync())
        {
            await first.EchoAsync();
            for (int i = 0; i < 20; i++)
            {
                ranks.Add(EchoAndLeaveAsync(await server.ConnectAsync()));
            }
        }

        // From now on one comes for each that leaves.
        for (int i = 0; i < 40; i++)
        {
            await Eventually.TrueAsync(() => Volatile.Read(ref served) > i, "the next was served");
            ranks.Add(EchoAndLeaveAsync(await server.ConnectAsync()));
        }

        // About in their order: of several accepts that complete at once a later one may be the first to find the place. The sixty who came leave room for that.
        int[] order = await Task.WhenAll(ranks).Bounded();
        Assert.All(order.Take(20), rank => Assert.InRange(rank, 1, 40));

        async Task<int> EchoAndLeaveAsync(PlainClient client)
        {
            await client.EchoAsync();
            int rank = Interlocked.Increment(ref served);
            client.Dispose();
            return rank;
        }
    }

    [Fact]
    public async Task A_connection_counts_until_its_notification_has_run()
    {
        var running = new Signal();
        var release = new Signal();
        using var journal = new Journal();
        await using TestServer server = await StartAsync(options =>
        {
            Limited(options, 1, accepts: 50);
            options.LoggerFactory = journal;
            options.Closed = _ =>
            {
                running.Set();
                release.WaitAsync().Wait();
            };
        });
        using (PlainClient first = await server.ConnectAsync())
        {
            await first.EchoAsync();
        }

        await running.WaitAsync();
        using PlainClient second = await server.ConnectAsync();
        Task echo = second.EchoAsync();
        await Eventually.EqualAsync(1, () => journal.Count("All 1 connections are in use"), "how often a client found no room");
        Assert.Equal(1, server.Server.ConnectionCount);
        Assert.Equal(1, server.Server.GetStatistics().Accepted);
        Assert.False(echo.IsCompleted);
        release.Set();
        await echo;
        Assert.Equal(2, server.Server.GetStatistics().Accepted);
    }

    [Fact]
    public async Task A_notification_that_throws_is_logged_and_gives_its_place_back()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(options =>
        {
            Limited(options, 2, accepts: 50);
            options.LoggerFactory = journal;
            options.Closed = _ => throw new InvalidOperationException("no notice today");
        });
        for (int i = 0; i < 10; i++)
        {
            using PlainClient client = await server.ConnectAsync();
            await client.EchoAsync();
        }

        await server.EmptyAsync();
        Assert.Equal(10, server.Closed.Count);
        Assert.All(server.Closed, closed => Assert.Equal(1, journal.Count($"The Closed callback threw for connection {closed.Connection.Id}")));
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task Waiting_clients_of_every_listener_are_served()
    {
        await using TestServer server = await StartAsync(options =>
        {
            Limited(options, 1, accepts: 2);
            Limited(options, 1, accepts: 2);
        });
        using PlainClient holder = await server.ConnectAsync();
        await holder.EchoAsync();
        Task[] waiting = [.. server.Server.EndPoints.SelectMany(at => Enumerable.Repeat(at, 5)).Select(async at =>
        {
            using PlainClient client = await PlainClient.ConnectAsync(at);
            await client.EchoAsync();
        })];
        holder.Dispose();
        await Task.WhenAll(waiting).Bounded();
    }

    [Fact]
    public async Task A_stop_ends_waiting_clients_without_a_notification()
    {
        await using TestServer server = await StartAsync(options => Limited(options, 1, accepts: 3));
        using PlainClient served = await server.ConnectAsync();
        await served.EchoAsync();
        PlainClient[] waiting = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => server.ConnectAsync()));
        Task stopping = server.Server.StopAsync();
        await served.ExpectEndAsync();
        served.Dispose();
        await stopping.Bounded();
        foreach (PlainClient client in waiting)
        {
            try
            {
                await client.ExpectEndAsync();
            }
            catch (SocketException)
            {
                // Reset: it was in the backlog.
            }

            client.Dispose();
        }

        await server.EmptyAsync();
        Assert.Single(server.Closed);
        Assert.Equal(1, server.Server.GetStatistics().Accepted);
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(3)]
    public async Task Connections_reset_at_once_never_end_the_listener(int maxConnections)
    {
        await using TestServer server = await StartAsync(options => Limited(options, maxConnections, accepts: 8));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                PlainClient client = await server.ConnectAsync();
                client.Reset();
            }
        })));

        using PlainClient last = await server.ConnectAsync();
        await last.EchoAsync();
        last.Dispose();
        await server.EachClosedOnceAsync();     // one that was reset may be accepted after the last
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_decoder_that_cannot_be_made_costs_only_its_connection(bool disposed)
    {
        Exception thrown = disposed ? new ObjectDisposedException("what a decoder wants") : new InvalidOperationException("no decoder today");
        var framing = new DelegateFraming(made => made.Made % 2 == 1 ? BinaryFraming.Create().CreateDecoder() : throw thrown);
        using var journal = new Journal();
        await using TestServer server = await StartAsync(
            options =>
            {
                options.Handler = new EchoHandler();
                options.LoggerFactory = journal;
            },
            framing);
        for (int i = 0; i < 20; i++)
        {
            using PlainClient client = await server.ConnectAsync();
            if (i % 2 == 0)
            {
                await client.EchoAsync();
            }
            else
            {
                await client.ExpectEndAsync();
            }
        }

        await server.EmptyAsync();
        await Eventually.EqualAsync(10, () => journal.Count("A connection accepted on", LogLevel.Error), "how often that was said");
        Assert.Equal(10, server.Server.GetStatistics().Accepted);
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task Memory_that_ends_while_a_client_is_admitted_costs_only_that_client()
    {
        var clock = new FailingClock();
        using var journal = new Journal();
        await using TestServer server = await StartAsync(options =>
        {
            Limited(options, 1, accepts: 1);
            options.TimeProvider = clock;
            options.LoggerFactory = journal;
        });
        clock.FailOnce();       // nobody looks at the clock before the first client is admitted
        using (PlainClient dropped = await server.ConnectAsync())
        {
            await dropped.ExpectEndAsync();
        }

        using (PlainClient served = await server.ConnectAsync())
        {
            await served.EchoAsync();
        }

        await server.EmptyAsync();
        Assert.Equal(1, journal.Count("A connection accepted on"));
        Assert.Equal(1, server.Server.GetStatistics().Accepted);
        Assert.Single(server.Closed);
        await server.EachClosedOnceAsync();
    }

    [Theory]
    [InlineData(DeliveryKind.Inline)]
    [InlineData(DeliveryKind.Pull)]
    [InlineData(DeliveryKind.PerConnection)]
    public async Task Memory_that_ends_when_a_client_has_just_been_admitted_closes_it_for_that(DeliveryKind delivery)
    {
        var clock = new FailingClock();
        await using TestServer server = await StartAsync(options =>
        {
            options.MaxConnections = 1;
            options.TimeProvider = clock;
            options.Echo(delivery);
        });
        Task pulling = Echoes.PullAsync(server.Server, delivery);
        clock.FailOnce(passing: 1);     // the first look is still a part of admitting
        Task<PlainClient> lost = server.ConnectAsync();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.ResourceExhausted, closed.Reason);
        Assert.IsType<InsufficientMemoryException>(closed.Error);
        try
        {
            (await lost).Dispose();
        }
        catch (SocketException)
        {
            // Reset before it knew that it was connected.
        }

        using (PlainClient served = await server.ConnectAsync())
        {
            await served.EchoAsync();
        }

        await server.EmptyAsync();
        Assert.Equal(2, server.Server.GetStatistics().Accepted);
        await server.EachClosedOnceAsync();
        await pulling.Bounded();
    }

    [Fact]
    public async Task Memory_that_ends_while_a_connection_is_made_is_an_error_of_that_connect()
    {
        var clock = new FailingClock();
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        await using var client = new TestClient(Tested, configure: options =>
        {
            options.TimeProvider = clock;
            options.MaxConnections = 1;
        });
        for (int i = 0; i < 3; i++)
        {
            clock.FailOnce();
            await Assert.ThrowsAsync<InsufficientMemoryException>(() => client.Client.ConnectAsync(server.EndPoint).Bounded());
        }

        await client.EchoAsync(await client.Client.ConnectAsync(server.EndPoint).Bounded());
    }

    [Fact]
    public async Task Memory_that_ends_while_a_send_waits_for_the_peer_costs_only_that_connection() => await CostsOnlyThatConnectionAsync((_, connection) =>
    {
        byte[] frame = Packets.Make(8000);
        for (int sent = 0; sent < SendQueueBytes / 2 && connection.Send(frame).Status == SendStatus.Queued; sent += frame.Length)
        {
        }

        return Task.CompletedTask;
    });

    [Fact]
    public async Task Memory_that_ends_while_a_read_is_taken_costs_only_that_connection()
        => await CostsOnlyThatConnectionAsync((client, _) => client.SendAsync(Packets.Make(10)));

    [Fact]
    public async Task A_clock_that_throws_stands_still_and_costs_nobody_his_connection()
    {
        var clock = new BrokenClock();
        using var journal = new Journal();
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.TimeProvider = clock;
            options.LoggerFactory = journal;
        });
        using PlainClient before = await server.ConnectAsync();
        await before.EchoAsync();
        clock.Broken = true;
        using (PlainClient during = await server.ConnectAsync())
        {
            await during.EchoAsync();
            await before.EchoAsync();
            during.FinishSending();
            await during.ExpectEndAsync();
        }

        await server.Server.StopAsync().Bounded();
        await server.EachClosedOnceAsync();
        Assert.InRange(journal.Count("The TimeProvider threw"), 1, 10);      // not for each look
    }

    [Fact]
    public async Task Every_decoder_made_is_disposed_also_of_who_was_never_admitted()
    {
        var framing = new DelegateFraming(made => new DisposableDecoder(made));
        await using TestServer server = await StartAsync(options => options.MaxConnections = 1, framing);
        using PlainClient served = await server.ConnectAsync();
        await server.OnlyConnectionAsync();
        using PlainClient waiting = await server.ConnectAsync();
        var options = new FrameClientOptions { Framing = framing };
        Tested.Configure(options);
        options.MaxConnections = 1;
        await using (var client = new FrameClient(options))
        {
            using var target = new PlainServer();
            await client.ConnectAsync(target.EndPoint).Bounded();
            await Assert.ThrowsAsync<InvalidOperationException>(() => client.ConnectAsync(target.EndPoint).Bounded());
            await client.StopAsync(new CancellationToken(canceled: true)).Bounded();
        }

        served.Dispose();
        waiting.Dispose();
        await server.DisposeAsync();
        Assert.InRange(framing.Made, 3, 4);
        Assert.Equal(framing.Made, framing.Disposed);
    }

    private async Task CostsOnlyThatConnectionAsync(Func<PlainClient, Connection, Task> looksAtTheClock)
    {
        var clock = new FailingClock();
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.TimeProvider = clock;
            options.SendQueueBytesPerConnection = SendQueueBytes;
            options.FirstFrameTimeout = options.FrameTimeout = options.SendTimeout = Timeout.InfiniteTimeSpan;      // nobody else looks at the clock
        });
        using PlainClient other = await server.ConnectAsync();
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            await other.EchoAsync();        // both have been admitted, and nothing is due
            await client.EchoAsync();
            clock.FailOnce();
            await looksAtTheClock(client, connection);
            ConnectionClosed closed = await server.OnlyCloseAsync();
            Assert.Same(connection, closed.Connection);
            Assert.Equal(CloseReason.ResourceExhausted, closed.Reason);
        }

        await other.EchoAsync();
    }

    private static void Limited(FrameServerOptions options, int maxConnections, int accepts)
    {
        options.Handler = new EchoHandler();
        options.MaxConnections = maxConnections;
        options.Listeners.Add(new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create(), AcceptsOutstanding = accepts });
    }

    /// <summary>Binary framing whose decoders are made by a delegate.</summary>
    private sealed class DelegateFraming(Func<DelegateFraming, IFrameDecoder> create) : IFraming
    {
        private readonly PacketFraming<PacketHead> _inner = BinaryFraming.Create();
        private int _made;

        public int Made => _made;

        public int Disposed;

        public string Name => "delegate";

        public int MaxFrameLength => _inner.MaxFrameLength;

        public IFrameDecoder CreateDecoder()
        {
            Interlocked.Increment(ref _made);
            return create(this);
        }

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => _inner.CheckOutgoing(data);

        public DecodeResult Decode(ReadOnlySpan<byte> unread) => _inner.CreateDecoder().Decode(unread);
    }

    private sealed class DisposableDecoder(DelegateFraming framing) : IFrameDecoder, IDisposable
    {
        public DecodeResult Decode(ReadOnlySpan<byte> unread) => framing.Decode(unread);

        public void Dispose() => Interlocked.Increment(ref framing.Disposed);
    }

    private sealed class BrokenClock : TimeProvider
    {
        public volatile bool Broken;

        public override long GetTimestamp() => Broken ? throw new InvalidOperationException("a clock that is broken") : base.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => Broken ? throw new InvalidOperationException("a clock that is broken") : base.CreateTimer(callback, state, dueTime, period);
    }
}
