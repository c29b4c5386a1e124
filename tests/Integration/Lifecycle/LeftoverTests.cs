using System.Net;
using System.Net.Sockets;
using Framing.Binary;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Integration;

/// <summary>What a server or client leaves behind: nothing. Each test is compared with the state after an earlier, equal run.</summary>
[Collection(Alone.Name)]
public abstract class LeftoverTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData(DeliveryKind.Inline)]
    [InlineData(DeliveryKind.Pull)]
    [InlineData(DeliveryKind.PerConnection)]
    public async Task Of_a_server_stopped_with_connections_in_every_state(DeliveryKind delivery)
    {
        await NothingIsLeftAsync(async () =>
        {
            IEngine? engine = null;
            var server = await StartAsync(options =>
            {
                options.Echo(delivery);
                options.MaxConnections = 14;
                options.SendBufferSize = 16_384;
                options.LingerTimeout = TimeSpan.FromMilliseconds(1);
                options.EngineFactory = host => engine = EngineSelector.Create(Engine, host);
            });
            Task pulling = Echoes.PullAsync(server.Server, delivery);
            var clients = new List<PlainClient>();
            async Task<PlainClient> ConnectAsync(int? receiveBufferSize = null)
            {
                PlainClient client = await server.ConnectAsync(receiveBufferSize);
                clients.Add(client);
                return client;
            }

            for (int i = 0; i < 3; i++)
            {
                await ConnectAsync();                                                                       // silent
                await (await ConnectAsync()).SendAsync(Packets.Make(5000).AsMemory(0, 3000 + i));           // in the middle of a frame
                await (await ConnectAsync(16_384)).SendAsync(Packets.MakeMany(Enumerable.Repeat(8000, 5))); // never reads
                await (await ConnectAsync()).EchoAsync();
            }

            // Before the others come: of accepts that complete at once the later may be the first to find room, and some of those never leave.
            await Eventually.EqualAsync(12, () => server.Server.GetStatistics().Accepted, "the number of accepted connections");
            (await ConnectAsync()).Reset();
            (await ConnectAsync()).FinishSending();
            for (int i = 0; i < 4; i++)
            {
                await ConnectAsync();       // some of these wait for room
            }

            await Eventually.TrueAsync(() => server.Server.GetStatistics().BytesReceived > 3 * (3000 + 40_000 + 32), "all was received");
            await server.DisposeAsync().AsTask().Bounded();
            clients.ForEach(client => client.Dispose());
            await pulling.Bounded();
            await server.EmptyAsync();
            Assert.Equal(server.Server.GetStatistics().Accepted, server.Closed.Count);
            Assert.Equal(0, engine!.Operations);
            Assert.Equal(0, server.Server.Wheel.Count);
            await Eventually.EqualAsync(0, () => server.Server.Pool.RentedCount, "the number of rented buffers");
        });
    }

    [Fact]
    public async Task Of_frames_and_handlers_that_outlive_the_server()
    {
        await using TestServer pulled = await StartAsync();
        using (PlainClient client = await pulled.ConnectAsync())
        {
            await client.SendAsync(Packets.MakeMany([100, 3000, 8000]));
            ReceivedFrame[] frames = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => pulled.Server.ReceiveAsync().AsTask())).Bounded();
            Task disposing = pulled.DisposeAsync().AsTask();
            await client.ExpectEndAsync();
            client.Dispose();
            await disposing.Bounded();
            Array.ForEach(frames, frame => frame.Dispose());
            Assert.Equal(0, pulled.Server.Pool.RentedCount);
        }

        var release = new Signal();
        await using TestServer handled = await StartAsync(options => options.ConnectionHandler = (_, _, _) => release.WaitAsync());
        using (PlainClient client = await handled.ConnectAsync())
        {
            await client.SendAsync(Packets.MakeMany([100, 3000, 8000]));
            await Eventually.EqualAsync(3, () => handled.Server.GetStatistics().FramesReceived, "the number of frames");
            Task disposing = handled.DisposeAsync().AsTask();
            await client.ExpectEndAsync();
            client.Dispose();
            await disposing.Bounded();
            release.Set();
            await handled.OnlyCloseAsync();
            Assert.Equal(0, handled.Server.Pool.RentedCount);
        }
    }

    [Theory]
    [InlineData(DeliveryKind.Inline)]
    [InlineData(DeliveryKind.Pull)]
    [InlineData(DeliveryKind.PerConnection)]
    public async Task Of_a_client_stopped_with_open_refused_and_closed_connections(DeliveryKind delivery)
    {
        await NothingIsLeftAsync(async () =>
        {
            using var server = new PlainServer();
            Task echoing = server.EchoAsync();
            IEngine? engine = null;
            var client = new TestClient(Tested, delivery, options =>
            {
                options.MaxConnections = 5;
                options.EngineFactory = host => engine = EngineSelector.Create(Engine, host);
            });
            for (int i = 0; i < 5; i++)
            {
                Connection connection = await client.Client.ConnectAsync(server.EndPoint).Bounded();
                await client.EchoAsync(connection);
                if (i > 2)
                {
                    connection.Close(i == 3 ? CloseMode.Graceful : CloseMode.Abortive);
                }
            }

            await Eventually.TrueAsync(() => client.Client.ConnectionCount < 5, "there is room for one more");
            var refused = await Assert.ThrowsAsync<SocketException>(() => client.Client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, 1)).Bounded());
            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
            await client.DisposeAsync().AsTask().Bounded();
            server.Dispose();
            await echoing.Bounded();
            await Eventually.EqualAsync(5, () => client.Closed.Count, "the number of notifications");
            Assert.Equal(0, engine!.Operations);
            await Eventually.EqualAsync(0, () => client.Client.Pool.RentedCount, "the number of rented buffers");
        });
    }

    [Fact]
    public async Task Of_a_start_that_failed()
    {
        await using TestServer occupant = await StartAsync();
        await NothingIsLeftAsync(async () =>
        {
            var options = new FrameServerOptions();
            Tested.Configure(options);
            foreach (EndPoint endPoint in new[] { new IPEndPoint(IPAddress.Loopback, 0), occupant.EndPoint })
            {
                options.Listeners.Add(new ListenerOptions { EndPoint = endPoint, Framing = BinaryFraming.Create() });
            }

            await using var server = new FrameServer(options);
            await Assert.ThrowsAsync<ListenException>(() => server.StartAsync());
        });
    }

    private static async Task NothingIsLeftAsync(Func<Task> run)
    {
        await run();    // the runtime keeps what it makes once
        int descriptors = ProcessResources.Descriptors;
        int threads = ProcessResources.Threads().Count();
        for (int i = 0; i < 5; i++)
        {
            await run();
        }

        await Eventually.TrueAsync(() => ProcessResources.Descriptors <= descriptors, $"no more than {descriptors} descriptors are open");
        await Eventually.TrueAsync(() => ProcessResources.Threads().Count() <= threads, $"no more than {threads} threads run");
    }
}
