using System.Net;
using System.Net.Sockets;
using Iocp.Core;
using Iocp.Core.Engines.Epoll;
using Iocp.Core.Engines.Linux;

namespace Framing.Integration.Engines;

public sealed class EpollConnectTests
{
    [Fact]
    public async Task A_socket_that_cannot_be_watched_ends_the_connect_with_the_error()
    {
        new TestedEngine(EngineKind.Epoll).OrSkip();
        using FullListener silent = await FullListener.StartAsync();    // a connect stays in progress
        await using var client = new TestClient(EngineKind.Epoll);
        using var worker = new EpollWorker(0, client.Client);
        await worker.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        int descriptor = (int)socket.Handle;
        worker.Post(new Watched(worker, descriptor));       // an epoll instance refuses to watch a descriptor twice
        SocketAddress address = silent.EndPoint.Serialize();
        await Assert.ThrowsAsync<SocketException>(() => new EpollConnect(worker, descriptor, address.Buffer[..address.Size]).RunAsync(CancellationToken.None).Bounded());
        await worker.StopAsync().Bounded();
    }

    private sealed class Watched(EpollWorker worker, int descriptor) : IWorkItem, IEpollTarget
    {
        public void Run() => worker.Add(this, descriptor);

        public void OnEvents(uint events)
        {
        }
    }
}
