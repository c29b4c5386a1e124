using Iocp.Core;

namespace Framing.Integration;

/// <summary>Reaching connections by their ids, and all of them at once, while clients come and go.</summary>
public abstract class AddressingTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task The_id_of_a_closed_connection_never_reaches_the_one_that_took_its_place()
    {
        await using TestServer server = await StartAsync(options => options.MaxConnections = 1);
        HashSet<ConnectionId> ids = [default];
        for (uint i = 0; i < 30; i++)
        {
            (PlainClient client, Connection connection) = await server.ConnectBothAsync();
            using (client)
            {
                foreach (ConnectionId stale in ids)
                {
                    Assert.Equal(SendStatus.Closed, server.Server.Send(stale, Packets.Make(1)).Status);
                    Assert.Equal(SendStatus.Closed, (await server.Server.SendAsync(stale, Packets.Make(1))).Status);
                    Assert.False(server.Server.TryGetConnection(stale, out _));
                }

                Assert.True(ids.Add(connection.Id));
                Assert.True(server.Server.TryGetConnection(connection.Id, out Connection? found));
                Assert.Same(connection, found);
                byte[] mine = Packets.Make(20, i);
                Assert.Equal(SendStatus.Queued, server.Server.Send(connection.Id, mine).Status);
                Assert.Equal(mine, await client.ReceiveFrameAsync());    // and nothing before it
            }

            await server.CloseOfAsync(connection);
            await server.EmptyAsync();
            Assert.Equal(SendStatus.Closed, connection.Send(Packets.Make(1)).Status);
        }

        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task The_id_of_a_connection_of_another_server_reaches_nobody()
    {
        await using TestServer before = await StartAsync();
        (PlainClient client, Connection connection) = await before.ConnectBothAsync();
        client.Dispose();
        await before.DisposeAsync();
        await using TestServer after = await StartAsync();
        using PlainClient other = await after.ConnectAsync();
        await after.OnlyConnectionAsync();
        Assert.Equal(SendStatus.Closed, after.Server.Send(connection.Id, Packets.Make(1)).Status);
        Assert.False(after.Server.TryGetConnection(connection.Id, out _));
    }

    [Fact]
    public async Task A_broadcast_reaches_everybody_who_stays_in_order_while_others_come_and_go()
    {
        const int steady = 5;
        const int broadcasts = 300;
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.SendQueueBytesPerConnection = 16 << 20;
        });
        (PlainClient Client, Connection Connection)[] stay = new (PlainClient, Connection)[steady];
        for (int i = 0; i < steady; i++)
        {
            stay[i] = await server.ConnectBothAsync();
        }

        var everSeen = new HashSet<ConnectionId>();
        using var done = new CancellationTokenSource();
        Task[] churn = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => ComeAndGoAsync(server, done.Token)))];
        Task<List<byte[]>>[] receiving = [.. stay.Select(one => one.Client.ReceiveFramesAsync(2 * broadcasts))];
        for (uint i = 0; i < broadcasts; i++)
        {
            // By enumeration, and by ids that may be stale.
            Connection[] connections = [.. server.Server.Connections];
            Assert.All(stay, one => Assert.Single(connections, one.Connection));
            Assert.Equal(connections.Length, connections.Distinct().Count());
            foreach (Connection connection in connections)
            {
                Assert.Contains(connection.Send(Packets.Make(100, i, type: 1)).Status, new[] { SendStatus.Queued, SendStatus.Closed });
                everSeen.Add(connection.Id);
            }

            foreach (ConnectionId id in everSeen)
            {
                SendStatus status = server.Server.Send(id, Packets.Make(50, i, type: 2)).Status;
                Assert.Contains(status, new[] { SendStatus.Queued, SendStatus.Closed });
            }
        }

        foreach (Task<List<byte[]>> one in receiving)
        {
            List<byte[]> got = await one;
            Assert.Equal(Enumerable.Range(0, broadcasts).Select(i => Packets.Make(100, (uint)i, type: 1)), got.Where(frame => Packets.Type(frame) == 1));
            Assert.Equal(Enumerable.Range(0, broadcasts).Select(i => Packets.Make(50, (uint)i, type: 2)), got.Where(frame => Packets.Type(frame) == 2));
        }

        await Eventually.TrueAsync(() => server.Closed.Count > 20, "clients came and went");
        await done.CancelAsync();
        await Task.WhenAll(churn).Bounded();
        Array.ForEach(stay, one => one.Client.Dispose());
        await server.EachClosedOnceAsync();
    }

    private static async Task ComeAndGoAsync(TestServer server, CancellationToken done)
    {
        for (uint i = 0; !done.IsCancellationRequested; i++)
        {
            using PlainClient client = await server.ConnectAsync();
            if (i % 4 != 0)
            {
                byte[] mine = Packets.Make(10, i, type: 3);
                await client.SendAsync(mine);
                byte[] got;
                do
                {
                    got = await client.ReceiveFrameAsync();     // broadcasts among it
                }
                while (Packets.Type(got) != 3);

                Assert.Equal(mine, got);
            }

            if (i % 3 == 0)
            {
                client.Reset();
            }
        }
    }
}
