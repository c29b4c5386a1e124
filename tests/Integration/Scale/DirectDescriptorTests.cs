using System.Collections.Concurrent;
using Iocp.Core;
using Iocp.Core.Engines.IoUring;

namespace Framing.Integration;

/// <summary>Connections by direct descriptors: what a process that holds them has open, and how many it may hold.</summary>
[Collection(Alone.Name)]
public class DirectDescriptorTests
{
    private static readonly TestedEngine s_engine = new(EngineKind.IoUring) { DirectDescriptors = true };

    [Fact]
    public async Task A_server_holds_more_connections_than_it_may_have_descriptors()
    {
        s_engine.OrSkip();
        await using ToolServer server = await ToolServer.StartAsync(s_engine, 256, "--max-connections", "1000");
        ToolResult load = await server.LoadAsync(EngineKind.IoUring, "--connections", "900", "--duration", "1s");
        Assert.True(load.ExitCode == 0, $"{load}");
        await server.AllGoneAsync(900);
        ToolResult stopped = await server.StopAsync();
        Assert.True(stopped.ExitCode == 0, $"{stopped}");
    }

    [Fact]
    public async Task Connections_take_no_descriptors_at_either_end_and_their_addresses_stay_known()
    {
        s_engine.OrSkip();
        await using TestServer server = await TestServer.StartAsync(s_engine, options => options.Handler = new EchoHandler());
        await using var client = new TestClient(s_engine);
        await client.EchoAsync(await client.Client.ConnectAsync(server.EndPoint));
        int before = ProcessResources.Descriptors;
        for (int i = 0; i < 200; i++)
        {
            Connection connection = await client.Client.ConnectAsync(server.EndPoint);
            await client.EchoAsync(connection, frames: 1);
            Assert.Equal(server.EndPoint, connection.RemoteEndPoint);
            Assert.Contains(server.Server.Connections, other => Equals(other.RemoteEndPoint, connection.LocalEndPoint) && Equals(other.LocalEndPoint, server.EndPoint));
        }

        // Sockets of other tests may go meanwhile; 400 would have come.
        Assert.InRange(ProcessResources.Descriptors, 0, before + 100);
    }

    [Fact]
    public async Task Workers_that_are_there_for_their_room_only_get_no_connections_while_the_others_have_some()
    {
        s_engine.OrSkip();
        var threads = new ConcurrentDictionary<int, bool>();
        await using TestServer server = await TestServer.StartAsync(s_engine, options =>
        {
            options.Workers = 2;
            options.MaxConnections = (FileTable.MaxSize * 3) + 1;       // four tables
            options.Handler = new DelegateHandler((connection, frame) =>
            {
                threads[Environment.CurrentManagedThreadId] = true;
                connection.Send(frame.Bytes);
            });
        });
        PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.ConnectAsync()));
        await Task.WhenAll(clients.Select(client => client.EchoAsync(0)));
        Assert.Equal(2, threads.Count);
        foreach (PlainClient client in clients)
        {
            client.Dispose();
        }
    }

    [Fact]
    public async Task More_connections_than_rings_can_hold_are_refused_in_words()
    {
        s_engine.OrSkip();
        await using ToolProcess server = ToolProcess.StartLimited(256, ["serve", .. s_engine.Arguments, "--listen", "127.0.0.1:0"]);
        ToolResult result = await server.ExitAsync();
        Assert.NotEqual(0, result.ExitCode);
        Assert.StartsWith("framing: MaxConnections is 1000000; with DirectDescriptors", Assert.Single(result.Errors), StringComparison.Ordinal);
    }
}
