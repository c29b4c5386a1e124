using System.Net;
using System.Net.Sockets;
using Framing.Binary;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Integration;

/// <summary>A stop that fails by a fault of ours, and a start that fails when a part of it has been done.</summary>
public sealed class FailingStopTests
{
    [Fact]
    public async Task Who_waits_for_the_end_is_told_of_the_fault()
    {
        TestServer server = await TestServer.StartAsync(
            EngineKind.Sockets, options => options.EngineFactory = host => new FailingEngine(EngineSelector.Create(EngineKind.Sockets, host)) { FailsToStop = true });
        Task completion = server.Server.Completion;
        Assert.False(completion.IsCompleted);
        await Assert.ThrowsAsync<SocketException>(() => server.Server.StopAsync().Bounded());
        await Assert.ThrowsAsync<SocketException>(() => completion.Bounded());
        await Assert.ThrowsAsync<SocketException>(async () => await server.Server.DisposeAsync());
    }

    [Fact]
    public async Task A_start_whose_second_listener_cannot_begin_to_accept_stops_the_server()
    {
        var options = new FrameServerOptions
        {
            Engine = EngineKind.Sockets,
            EngineFactory = host => new FailingEngine(EngineSelector.Create(EngineKind.Sockets, host)) { MostThatAccept = 1 },
        };
        for (int i = 0; i < 2; i++)
        {
            options.Listeners.Add(new ListenerOptions { EndPoint = EngineTests.OwnAddress(), Framing = BinaryFraming.Create() });
        }

        await using var server = new FrameServer(options);
        await Assert.ThrowsAsync<InsufficientMemoryException>(() => server.StartAsync().Bounded());
        await server.Completion.Bounded();
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.StartAsync().Bounded());
        Assert.Equal(2, server.EndPoints.Count);
        foreach (EndPoint endPoint in server.EndPoints)
        {
            SocketException refused = await Eventually.RefusedAsync(() => PlainClient.ConnectAsync(endPoint));
            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        }
    }

    private sealed class FailingEngine(IEngine engine) : IEngine
    {
        private int _listeners;

        /// <summary>Stops, and then says that it could not.</summary>
        public bool FailsToStop { get; init; }

        /// <summary>For so many listeners there is memory to accept.</summary>
        public int MostThatAccept { get; init; } = int.MaxValue;

        public int Operations => engine.Operations;

        public IEngineListener Listen(ConnectionOrigin origin)
            => _listeners++ < MostThatAccept ? engine.Listen(origin) : new FailingListener(engine.Listen(origin));

        public Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
            => engine.ConnectAsync(origin, remoteEndPoint, localEndPoint, cancellationToken);

        public void ResumeAccepting() => engine.ResumeAccepting();

        public async Task StopAsync()
        {
            await engine.StopAsync();
            if (FailsToStop)
            {
                throw new SocketException((int)SocketError.Fault);
            }
        }
    }

    /// <summary>Is bound, and has no memory to accept.</summary>
    private sealed class FailingListener(IEngineListener listener) : IEngineListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        public void StartAccepting() => throw new InsufficientMemoryException();

        public Task CloseAsync() => listener.CloseAsync();
    }
}
