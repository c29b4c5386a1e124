using Iocp.Core;

namespace Framing.Integration;

/// <summary>A worker of io_uring waits in another way for what a connection says next when it has answered many.</summary>
public abstract class BusyWorkerTests(TestedEngine engine) : EngineTests(engine)
{
    private const int Peers = 200;

    [Fact]
    public async Task Many_that_speak_at_once_are_all_answered_and_may_leave_at_once()
    {
        await using Crowd crowd = await GatherAsync();
        for (uint round = 0; round < 4; round++)
        {
            await crowd.SpeakAsync(round);
        }

        for (int i = 0; i < Peers / 2; i += 2)
        {
            await Wine.ReceiveIsOutstandingAsync(crowd.Connections[i]);
            crowd.Clients[i].Reset();
            crowd.Clients[i + 1].FinishSending();
            await crowd.Clients[i + 1].ExpectEndAsync();
        }

        // While the server runs: its stop would close those whose end it has not seen.
        await Eventually.EqualAsync(Peers / 2, () => crowd.Server.Closed.Count, "connections closed");
        for (int i = 0; i < Peers / 2; i += 2)
        {
            Wine.AssertReset((await crowd.Server.CloseOfAsync(crowd.Connections[i])).Connection);
            Assert.Equal(CloseReason.RemoteClosed, (await crowd.Server.CloseOfAsync(crowd.Connections[i + 1])).Reason);
        }

        Assert.Equal(Peers + 1, (await crowd.Server.EachClosedOnceAsync()).Count);
    }

    [Fact]
    public async Task A_pause_of_those_that_wait_holds_back_what_they_say_and_their_end()
    {
        await using Crowd crowd = await GatherAsync();
        await crowd.SpeakAsync(0);
        foreach (Connection connection in crowd.Connections)
        {
            connection.PauseReceiving();
        }

        byte[] frame = Packets.Make(30, 1);
        foreach (PlainClient client in crowd.Clients)
        {
            await client.SendAsync(frame);
        }

        for (int i = 0; i < Peers; i += 2)
        {
            crowd.Clients[i].FinishSending();
        }

        // Each has been seen, and held back; others go on.
        foreach (Connection connection in crowd.Connections)
        {
            await Eventually.TrueAsync(() => connection.Gate().IsStopped, "its reader has stopped");
        }

        await crowd.Holder.EchoAsync(2);
        Assert.All(crowd.Connections, connection => Assert.Equal(1, connection.FramesReceived));
        Assert.Empty(crowd.Server.Closed);

        foreach (Connection connection in crowd.Connections)
        {
            connection.ResumeReceiving();
        }

        for (int i = 0; i < Peers; i++)
        {
            Assert.Equal(frame, await crowd.Clients[i].ReceiveFrameAsync());
            if (i % 2 == 0)
            {
                await crowd.Clients[i].ExpectEndAsync();
            }
            else
            {
                await crowd.Clients[i].EchoAsync(4);
            }
        }
    }

    [Theory]
    [InlineData(CloseMode.Graceful)]
    [InlineData(CloseMode.Abortive)]
    public async Task Those_that_wait_may_be_closed_while_they_take_nothing(CloseMode mode)
    {
        if (mode == CloseMode.Abortive)
        {
            Wine.SkipCloseBehindSend(Engine);
        }

        await using Crowd crowd = await GatherAsync(receiveBufferSize: 4096, configure: options =>
        {
            options.SendBufferSize = 16_384;
            options.LingerTimeout = options.SendTimeout = Eventually.Limit;
        });
        await crowd.SpeakAsync(0);
        const int closing = 40;
        byte[] frame = Packets.Make(8000);
        long[] queued = new long[closing];
        for (int i = 0; i < closing; i++)
        {
            while (crowd.Connections[i].Send(frame).Status == SendStatus.Queued)
            {
                queued[i] += frame.Length;
            }

            Assert.NotEqual(0, crowd.Connections[i].BytesQueued);
        }

        foreach (Connection connection in crowd.Connections[..closing])
        {
            connection.Close(mode);
        }

        if (mode == CloseMode.Graceful)
        {
            byte[][] received = await Task.WhenAll(crowd.Clients[..closing].Select(async client =>
            {
                byte[] all = await client.ReceiveToEndAsync();
                client.FinishSending();
                return all;
            }));
            Assert.Equal(queued, received.Select(all => all.LongLength));
        }

        await Eventually.EqualAsync(closing, () => crowd.Server.Closed.Count, "connections closed");
        Assert.All(crowd.Server.Closed, closed => Assert.Equal(CloseReason.LocalClosed, closed.Reason));
        Assert.Equal(crowd.Connections[..closing].ToHashSet(), crowd.Server.Closed.Select(closed => closed.Connection).ToHashSet());
        await crowd.SpeakAsync(1, crowd.Clients[closing..]);
    }

    private Task<Crowd> GatherAsync(int? receiveBufferSize = null, Action<FrameServerOptions>? configure = null)
        => Crowd.GatherAsync(
            handler => StartAsync(options =>
            {
                options.Workers = Engine == EngineKind.Sockets ? null : 1;
                options.Handler = handler;
                configure?.Invoke(options);
            }),
            receiveBufferSize);

    /// <summary>Clients of one worker, and one more that can hold it up until all others have spoken.</summary>
    private sealed class Crowd : IAsyncDisposable
    {
        private const ushort Hold = 2;      // the type of the frame that does

        private readonly SemaphoreSlim _held = new(0);
        private readonly SemaphoreSlim _release = new(0);

        public TestServer Server { get; private set; } = null!;

        public PlainClient Holder { get; private set; } = null!;

        public PlainClient[] Clients { get; private set; } = [];

        /// <summary>The server's end of each client's, in the same order.</summary>
        public Connection[] Connections { get; private set; } = [];

        public static async Task<Crowd> GatherAsync(Func<IFrameHandler, Task<TestServer>> start, int? receiveBufferSize)
        {
            var crowd = new Crowd();
            crowd.Server = await start(new DelegateHandler(crowd.OnFrame));
            crowd.Holder = await crowd.Server.ConnectAsync();
            (PlainClient Client, Connection Connection)[] both
                = await Task.WhenAll(Enumerable.Range(0, Peers).Select(_ => crowd.Server.ConnectBothAsync(receiveBufferSize)));
            crowd.Clients = [.. both.Select(pair => pair.Client)];
            crowd.Connections = [.. both.Select(pair => pair.Connection)];
            return crowd;
        }

        /// <summary>All say something in one turn of the worker, and are answered.</summary>
        public Task SpeakAsync(uint round) => SpeakAsync(round, Clients);

        public async Task SpeakAsync(uint round, PlainClient[] clients)
        {
            byte[] hold = Packets.Make(1, round, Hold);
            await Holder.SendAsync(hold);
            Assert.True(await _held.WaitAsync(Eventually.Limit));
            byte[] frame = Packets.Make(20, round);
            await Task.WhenAll(clients.Select(client => client.SendAsync(frame)));
            _release.Release();
            foreach (PlainClient client in clients)
            {
                Assert.Equal(frame, await client.ReceiveFrameAsync());
            }

            Assert.Equal(hold, await Holder.ReceiveFrameAsync());
        }

        public async ValueTask DisposeAsync()
        {
            Holder.Dispose();
            Array.ForEach(Clients, client => client.Dispose());
            await Server.DisposeAsync();
            _held.Dispose();
            _release.Dispose();
        }

        private void OnFrame(Connection connection, Frame frame)
        {
            connection.Send(frame.Bytes);
            if (Packets.Type(frame.Bytes) == Hold)
            {
                _held.Release();
                Assert.True(_release.Wait(Eventually.Limit));
            }
        }
    }
}
