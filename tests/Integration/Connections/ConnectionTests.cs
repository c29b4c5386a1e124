using System.Collections.Concurrent;
using Iocp.Core;
using Microsoft.Extensions.Time.Testing;

namespace Framing.Integration;

public abstract class ConnectionTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task A_read_that_filled_its_buffer_leaves_none_with_the_connection()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((_, _) => { }));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            for (int i = 1; i <= 5; i++)
            {
                connection.PauseReceiving();
                await client.SendAsync(Packets.MakeMany(Enumerable.Repeat(4096 - Packets.HeaderSize, 4)));       // 16,384 bytes: as much as one read takes
                connection.ResumeReceiving();
                await Eventually.EqualAsync(i * 4, () => connection.FramesReceived, "frames received");
                await Eventually.EqualAsync(0, () => connection.Host.Pool.RentedCount, "buffers rented");
            }
        }
    }

    [Fact]
    public async Task Ids_are_unique_and_find_their_connection_until_it_closes()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        var seen = new HashSet<ConnectionId>();
        for (int round = 0; round < 3; round++)
        {
            PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.ConnectAsync()));
            await Eventually.EqualAsync(20, () => server.Server.Connections.Count(), "the number of connections");
            Connection[] connections = [.. server.Server.Connections];
            foreach (Connection connection in connections)
            {
                Assert.True(seen.Add(connection.Id));
                Assert.NotEqual(default, connection.Id);
                Assert.True(server.Server.TryGetConnection(connection.Id, out Connection? found));
                Assert.Same(connection, found);
            }

            Array.ForEach(clients, client => client.Dispose());
            await server.EmptyAsync();
            Assert.All(connections, connection => Assert.False(server.Server.TryGetConnection(connection.Id, out _)));
            Assert.Empty(server.Server.Connections);
        }
    }

    [Fact]
    public async Task State_is_the_applications_and_final_in_the_notification()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            connection.State = (connection.State as int? ?? 0) + (int)frame.Index;
            connection.Send(frame.Bytes);
        }));
        using PlainClient one = await server.ConnectAsync();
        using PlainClient other = await server.ConnectAsync();
        for (uint i = 0; i < 5; i++)
        {
            await one.EchoAsync(i);
        }

        one.Dispose();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(0 + 1 + 2 + 3 + 4, closed.Connection.State);
        await Eventually.EqualAsync((2, 1), () => (server.Server.GetStatistics().Accepted, server.Server.ConnectionCount), "accepted and open");
        Assert.Null((await server.OnlyConnectionAsync()).State);
    }

    [Fact]
    public async Task AcceptedAt_is_of_the_options_clock()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero));
        await using TestServer server = await StartAsync(options => options.TimeProvider = time);
        time.Advance(TimeSpan.FromMinutes(3));
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyConnectionAsync();
        Assert.Equal(time.GetUtcNow(), connection.AcceptedAt);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(time.GetUtcNow() - TimeSpan.FromSeconds(5), connection.AcceptedAt);
    }

    [Fact]
    public async Task Counters_of_a_connection_count_whole_frames_and_every_byte()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            connection.Send(frame.Bytes);
            connection.Send(frame.Bytes);
        }));
        using PlainClient client = await server.ConnectAsync();
        byte[] frames = Packets.MakeMany([10, 0, 3000]);
        await client.SendAsync(frames);
        await client.SendAsync(Packets.Make(50).AsMemory(0, 20));       // a part of a fourth
        await client.ReceiveAsync(frames.Length * 2);
        Connection connection = await server.OnlyConnectionAsync();
        await Eventually.EqualAsync(frames.Length + 20L, () => connection.BytesReceived, nameof(connection.BytesReceived));
        await Eventually.EqualAsync(frames.Length * 2L, () => connection.BytesSent, nameof(connection.BytesSent));
        Assert.Equal(3, connection.FramesReceived);
        Assert.Equal(6, connection.FramesSent);
        Assert.Equal(0, connection.BytesQueued);
        Assert.Equal(CloseReason.None, connection.CloseReason);

        await Wine.ReceiveIsOutstandingAsync(connection);
        client.Reset();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Wine.AssertReset(connection);
        Assert.Equal(connection.CloseReason, closed.Reason);
        Assert.Same(connection, closed.Connection);
        Assert.Equal(frames.Length + 20, connection.BytesReceived);
        Assert.Equal(3, connection.FramesReceived);
        Assert.Equal(frames.Length * 2, connection.BytesSent);
        Assert.Equal(6, connection.FramesSent);
    }

    [Fact]
    public async Task Statistics_are_the_sums_and_count_closes_by_reason()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            connection.Send(frame.Bytes);
            if (Packets.Serial(frame.Bytes) == 99)
            {
                connection.Close();
            }
        }));
        Assert.Equal(0, server.Server.GetStatistics().Accepted);
        Assert.Empty(server.Server.GetStatistics().Closed);

        using PlainClient stays = await server.ConnectAsync();
        await stays.EchoAsync();
        for (int i = 0; i < 2; i++)
        {
            using PlainClient finishes = await server.ConnectAsync();
            await finishes.EchoAsync();
        }

        using (PlainClient isClosed = await server.ConnectAsync())
        {
            await isClosed.EchoAsync(serial: 99);
            await isClosed.ExpectEndAsync();
        }

        using (PlainClient truncates = await server.ConnectAsync())
        {
            await truncates.SendAsync(Packets.Make(5).AsMemory(0, 7));
            truncates.FinishSending();
            await truncates.ExpectEndAsync();
        }

        await Eventually.EqualAsync((5, 1), () => ((int)server.Server.GetStatistics().Accepted, server.Server.ConnectionCount), "accepted and open");
        await Eventually.EqualAsync((4 * 32, 4), () => (server.Server.GetStatistics().BytesSent, server.Server.GetStatistics().FramesSent), "what was sent");
        FrameHostStatistics statistics = server.Server.GetStatistics();
        Assert.Equal(1, statistics.Connections);
        Assert.Equal(4, statistics.FramesReceived);
        Assert.Equal(4, statistics.FramesSent);
        Assert.Equal((4 * 32) + 7, statistics.BytesReceived);
        Assert.Equal(
            [(CloseReason.RemoteClosed, 2L), (CloseReason.TruncatedFrame, 1L), (CloseReason.LocalClosed, 1L)],
            statistics.Closed.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public async Task Statistics_show_what_waits_in_the_pull_queue()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.MakeMany([8, 8, 8]));
        await Eventually.EqualAsync((3, 60L), () => (server.Server.GetStatistics().ReceiveQueueFrames, server.Server.GetStatistics().ReceiveQueueBytes), "what waits");
        Assert.True(server.Server.TryReceive(out ReceivedFrame frame, out int queued));
        frame.Dispose();
        Assert.Equal(2, queued);
        Assert.Equal(2, server.Server.GetStatistics().ReceiveQueueFrames);
        Assert.Equal(40, server.Server.GetStatistics().ReceiveQueueBytes);
    }

    [Fact]
    public async Task A_connection_reaches_the_others_by_id()
    {
        var ids = new ConcurrentBag<ConnectionId>();
        var sent = new ConcurrentBag<SendStatus>();
        TestServer? server = null;
        await using TestServer started = server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            if (frame.Index == 0)
            {
                ids.Add(connection.Id);
                return;
            }

            foreach (ConnectionId id in ids)
            {
                sent.Add(server!.Server.Send(id, frame.Bytes).Status);
            }
        }));
        PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => server.ConnectAsync()));
        foreach (PlainClient client in clients)
        {
            await client.SendAsync(Packets.Make(0));
        }

        await Eventually.EqualAsync(5, () => ids.Count, "the number of known ids");
        await clients[0].SendAsync(Packets.Make(9, 123));
        foreach (PlainClient client in clients)
        {
            Assert.Equal(123u, Packets.Serial(await client.ReceiveFrameAsync()));
            client.Dispose();
        }

        Assert.Equal(Enumerable.Repeat(SendStatus.Queued, 5), sent);
    }
}
