using System.Net;
using System.Net.Sockets;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Integration;

/// <summary>A stop that fails by a fault of ours.</summary>
public sealed class FailingStopTests
{
    [Fact]
    public async Task Who_waits_for_the_end_is_told_of_the_fault()
    {
        TestServer server = await TestServer.StartAsync(
            EngineKind.Sockets, options => options.EngineFactory = host => new FailingEngine(EngineSelector.Create(EngineKind.Sockets, host)));
        Task completion = server.Server.Completion;
        Assert.False(completion.IsCompleted);
        await Assert.ThrowsAsync<SocketException>(() => server.Server.StopAsync().Bounded());
        await Assert.ThrowsAsync<SocketException>(() => completion.Bounded());
        await Assert.ThrowsAsync<SocketException>(async () => await server.Server.DisposeAsync());
    }

    /// <summary>Stops, and then says that it could not.</summary>
    private sealed class FailingEngine(IEngine engine) : IEngine
    {
        public int Operations => engine.Operations;

        public IEngineListener Listen(ConnectionOrigin origin) => engine.Listen(origin);

        public Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
            => engine.ConnectAsync(origin, remoteEndPoint, localEndPoint, cancellationToken);

        public void ResumeAccepting() => engine.ResumeAccepting();

        public async Task StopAsync()
        {
            await engine.StopAsync();
            throw new SocketException((int)SocketError.Fault);
        }
    }
}
