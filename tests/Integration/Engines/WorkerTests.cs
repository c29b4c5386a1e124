using System.Collections.Concurrent;
using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class EpollWorkerTests() : WorkerTests(EngineKind.Epoll);
public sealed class IoUringWorkerTests() : WorkerTests(EngineKind.IoUring);

/// <summary>Engines whose connections belong to a worker for life.</summary>
public abstract class WorkerTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public async Task Connections_are_dealt_out_evenly_among_the_workers(int workers)
    {
        var threads = new ConcurrentDictionary<ConnectionId, int>();
        await using TestServer server = await StartAsync(options =>
        {
            options.Workers = workers;
            options.Handler = new DelegateHandler((connection, frame) =>
            {
                Assert.Equal(Environment.CurrentManagedThreadId, threads.GetOrAdd(connection.Id, Environment.CurrentManagedThreadId));
                connection.Send(frame.Bytes);
            });
        });
        PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, workers * 4).Select(_ => server.ConnectAsync()));
        for (uint round = 0; round < 3; round++)
        {
            await Task.WhenAll(clients.Select(client => client.EchoAsync(round)));
        }

        Assert.Equal(Enumerable.Repeat(4, workers), threads.Values.CountBy(thread => thread).Select(pair => pair.Value));
        foreach (PlainClient client in clients)
        {
            client.Dispose();
        }
    }

    [Fact]
    public async Task Connects_that_are_begun_together_are_dealt_out_too()
    {
        const int workers = 4;
        var threads = new ConcurrentDictionary<ConnectionId, int>();
        using var server = new PlainServer();
        Task echoing = server.EchoAsync();
        await using var client = new TestClient(Tested, configure: options =>
        {
            options.Workers = workers;
            options.Handler = new DelegateHandler((connection, _) => threads[connection.Id] = Environment.CurrentManagedThreadId);
        });
        Connection[] connections = await Task.WhenAll(Enumerable.Range(0, workers * 10).Select(_ => client.Client.ConnectAsync(server.EndPoint))).Bounded();
        foreach (Connection connection in connections)
        {
            connection.Send(Packets.Make(10));
        }

        await Eventually.EqualAsync(connections.Length, () => threads.Count, "connections that were answered");
        Assert.Equal(Enumerable.Repeat(10, workers), threads.Values.CountBy(thread => thread).Select(pair => pair.Value));
        server.Dispose();
        await echoing;
    }
}
