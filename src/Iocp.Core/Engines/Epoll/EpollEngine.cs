using System.Net.Sockets;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.Epoll;

/// <summary>Linux without io_uring (Docker's default profile forbids it): one edge-triggered epoll instance a worker.</summary>
internal sealed class EpollEngine(FrameHost host) : WorkerEngine(host)
{
    protected override WorkerConnection CreateConnection(Worker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
        => new EpollConnection((EpollWorker)worker, origin, descriptor, remote);

    protected override Worker CreateWorker(int index) => new EpollWorker(index, Host);

    protected override WorkerListener CreateListener(Worker worker, Socket socket, ConnectionOrigin origin)
        => new EpollListener(this, (EpollWorker)worker, socket, origin);

    protected override Task ConnectAsync(Worker worker, int descriptor, ReadOnlyMemory<byte> address, CancellationToken cancellationToken)
        => new EpollConnect((EpollWorker)worker, descriptor, address).RunAsync(cancellationToken);
}
