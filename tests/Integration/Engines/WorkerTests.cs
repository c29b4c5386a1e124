using System.Collections.Concurrent;
using System.Net.Sockets;
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

    [Fact]
    public async Task A_connection_that_floods_has_a_turn_of_a_bounded_length()
    {
        const uint gate = 0, flood = 1, other = 2;
        const int longestTurn = 131_072;
        byte[] frames = [.. Enumerable.Repeat(Packets.Make(1, flood), 1000).SelectMany(frame => frame)];
        long flooded = 0;
        var entered = new TaskCompletionSource();
        using var release = new ManualResetEventSlim();
        var before = new TaskCompletionSource<long>();
        await using TestServer server = await StartAsync(options =>
        {
            options.Workers = 1;
            options.ReceiveBufferSize = 4 << 20;
            options.Handler = new DelegateHandler((_, frame) =>
            {
                switch (Packets.Serial(frame.Bytes))
                {
                    case gate:
                        entered.SetResult();
                        Assert.True(release.Wait(Eventually.Limit));
                        break;
                    case flood:
                        flooded += frame.Bytes.Length;
                        break;
                    case other:
                        before.SetResult(flooded);
                        break;
                }
            });
        });
        using PlainClient gating = await server.ConnectAsync();
        using PlainClient flooding = await server.ConnectAsync();
        using PlainClient waiting = await server.ConnectAsync();
        await gating.SendAsync(Packets.Make(1, gate));
        await entered.Task.Bounded();

        // As much as the system holds.
        flooding.Socket.Blocking = false;
        long sent = 0;
        for (int count; (count = flooding.Socket.Send(frames.AsSpan((int)(sent % frames.Length)), SocketFlags.None, out SocketError error)) > 0 && error == SocketError.Success;)
        {
            sent += count;
        }

        await waiting.SendAsync(Packets.Make(1, other));
        release.Set();
        Assert.SkipUnless(sent >= longestTurn * 3, "The system holds too little for one connection to show it.");
        Assert.InRange(await before.Task.Bounded(), 0, longestTurn);
    }
}
