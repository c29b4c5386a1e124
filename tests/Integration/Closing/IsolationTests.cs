using Iocp.Core;
using Microsoft.Extensions.Logging;

namespace Framing.Integration;

/// <summary>What the application does wrong on one connection harms no other.</summary>
public abstract class IsolationTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task A_close_notification_that_blocks_holds_nobody_else_up()
    {
        using var goOn = new ManualResetEventSlim();
        int calls = 0;
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.Closed = _ =>
            {
                if (Interlocked.Increment(ref calls) == 1)
                {
                    goOn.Wait();
                }
            };
        });
        try
        {
            using (PlainClient client = await server.ConnectAsync())
            {
            }

            await Eventually.EqualAsync(1, () => Volatile.Read(ref calls), "notifications");
            for (int i = 2; i <= 20; i++)
            {
                await EchoAsync(server);
                await Eventually.EqualAsync(i, () => Volatile.Read(ref calls), "notifications");
            }

            await Eventually.EqualAsync(1, () => server.Server.ConnectionCount, "the connection whose notification has not ended");
        }
        finally
        {
            goOn.Set();
        }

        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task A_peer_that_never_stops_talking_leaves_the_others_their_turn()
    {
        const uint flood = 7;
        await using TestServer server = await StartAsync(options =>
        {
            options.Workers = Engine == EngineKind.Sockets ? null : 1;
            options.Handler = new DelegateHandler((connection, frame) =>
            {
                if (Packets.Serial(frame.Bytes) == flood)
                {
                    Thread.SpinWait(100);       // so that more has come before what has come is done with
                }
                else
                {
                    connection.Send(frame.Bytes);
                }
            });
        });
        using PlainClient talker = await server.ConnectAsync();
        using var enough = new CancellationTokenSource();
        Task talking = Task.Run(async () =>
        {
            byte[] frames = [.. Enumerable.Repeat(Packets.Make(0, flood), 10_000).SelectMany(frame => frame)];
            while (!enough.IsCancellationRequested)
            {
                await talker.SendAsync(frames);
            }
        });
        await Eventually.TrueAsync(() => server.Server.GetStatistics().FramesReceived > 50_000, "the flood has begun");
        using PlainClient other = await server.ConnectAsync();
        for (uint i = 0; i < 2; i++)
        {
            await other.EchoAsync(100 + i);
        }

        await enough.CancelAsync();
        await talking.Bounded();
    }

    [Fact]
    public async Task A_consumer_that_blocks_on_one_connections_frame_leaves_the_others_to_other_consumers()
    {
        using var goOn = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        await using TestServer server = await StartAsync();
        Task[] consumers = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (true)
                {
                    ReceivedFrame frame;
                    try
                    {
                        frame = server.Server.ReceiveAsync().AsTask().GetAwaiter().GetResult();
                    }
                    catch (InvalidOperationException)
                    {
                        return;     // the server has stopped
                    }

                    Got got = Got.Take(frame);
                    if (Packets.Type(got.Bytes) == 2)
                    {
                        blocked.Set();
                        goOn.Wait();
                    }

                    got.Connection.Send(got.Bytes);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        try
        {
            using PlainClient blocks = await server.ConnectAsync();
            await blocks.SendAsync(Packets.Make(10, 0, type: 2));
            await Eventually.TrueAsync(() => blocked.IsSet, "a consumer blocked");
            for (int i = 0; i < 10; i++)
            {
                await EchoAsync(server);
            }

            goOn.Set();
            Assert.Equal(Packets.Make(10, 0, type: 2), await blocks.ReceiveFrameAsync());
        }
        finally
        {
            goOn.Set();
        }

        await server.Server.StopAsync().Bounded();
        await Task.WhenAll(consumers).Bounded();
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task A_connection_handler_that_blocks_its_thread_holds_nobody_else_up()
    {
        using var goOn = new ManualResetEventSlim();
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, _) =>
        {
            await foreach (ReceivedFrame frame in frames)
            {
                Got got = Got.Take(frame);
                if (Packets.Type(got.Bytes) == 2)
                {
                    goOn.Wait(CancellationToken.None);
                }

                connection.Send(got.Bytes);
            }
        });
        try
        {
            using PlainClient blocks = await server.ConnectAsync();
            await blocks.SendAsync(Packets.Make(10, 0, type: 2));
            for (int i = 0; i < 10; i++)
            {
                await EchoAsync(server);
            }

            goOn.Set();
            Assert.Equal(Packets.Make(10, 0, type: 2), await blocks.ReceiveFrameAsync());
        }
        finally
        {
            goOn.Set();
        }

        await Eventually.EqualAsync(11, () => server.Closed.Count, "close notifications");
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task A_handler_that_throws_on_one_connection_harms_no_other()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            if (Packets.Type(frame.Bytes) == 2)
            {
                throw new InvalidOperationException("from OnFrame");
            }

            connection.Send(frame.Bytes);
        }));
        (PlainClient stays, Connection connection) = await server.ConnectBothAsync();
        using (stays)
        {
            for (uint i = 0; i < 30; i++)
            {
                using PlainClient broken = await server.ConnectAsync();
                await broken.SendAsync(Packets.Make(10, i, type: 2));
                byte[] mine = Packets.Make(10, i);
                await stays.SendAsync(mine);
                Assert.Equal(mine, await stays.ReceiveFrameAsync());
                Assert.Empty(await broken.ReceiveToEndAsync());
            }

            await Eventually.EqualAsync(30, () => server.Closed.Count, "close notifications");
            Assert.All(server.Closed, closed => Assert.Equal(CloseReason.HandlerFailed, closed.Reason));
            Assert.Equal(CloseReason.None, connection.CloseReason);
        }

        Assert.Equal(CloseReason.RemoteClosed, (await server.CloseOfAsync(connection)).Reason);
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task A_logger_that_throws_harms_nobody()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.LoggerFactory = new ThrowingLogger();
            options.MaxConnections = 1;
            options.Handler = new DelegateHandler((connection, frame) =>
            {
                connection.Send(frame.Bytes);
                throw new InvalidOperationException("logged, like the connection that finds no room");
            });
        });
        for (int i = 0; i < 10; i++)
        {
            await Task.WhenAll(AnsweredAsync(), AnsweredAsync());
        }

        await Eventually.EqualAsync(20, () => server.Closed.Count, "close notifications");

        async Task AnsweredAsync()
        {
            using PlainClient client = await server.ConnectAsync();
            await client.SendAsync(Packets.Make(20));
            Assert.Equal(Packets.Make(20), await client.ReceiveToEndAsync());
        }
    }

    private static async Task EchoAsync(TestServer server)
    {
        using PlainClient client = await server.ConnectAsync();
        byte[] sent = Packets.MakeMany([100, 0, 5000]);
        await client.SendAsync(sent);
        Assert.Equal(sent, await client.ReceiveAsync(sent.Length));
    }

    private sealed class ThrowingLogger : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.Debug ? true : throw new NotSupportedException();

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new NotSupportedException();

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
