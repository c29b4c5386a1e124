using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>Linux's completion queue: one ring a worker.</summary>
internal sealed class IoUringEngine(IEngineHost host) : WorkerEngine(host)
{
    public override EngineKind Kind => EngineKind.IoUring;

    /// <summary>On a non-blocking socket the kernel would report EAGAIN instead of waiting for us.</summary>
    public override bool UsesBlockingSockets => true;

    protected override WorkerConnection CreateConnection(Worker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
        => new UringConnection(this, (UringWorker)worker, origin, descriptor, remote);

    protected override Worker CreateWorker(int index) => new UringWorker(index, Host.Logger);

    protected override WorkerListener CreateListener(Worker worker, ListenerOptions options, ConnectionOrigin origin)
        => new UringListener(this, (UringWorker)worker, options, origin);

    protected override Task ConnectAsync(Worker worker, int descriptor, ReadOnlyMemory<byte> address, CancellationToken cancellationToken)
        => new UringConnect((UringWorker)worker, descriptor, address.Span).RunAsync(cancellationToken);
}
