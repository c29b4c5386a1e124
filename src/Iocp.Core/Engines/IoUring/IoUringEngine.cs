using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>Linux's completion queue: one ring a worker.</summary>
internal sealed class IoUringEngine(IEngineHost host) : WorkerEngine(host)
{
    // Listeners and connects have places on a worker too. A connection beyond the table keeps its descriptor.
    private const int PlacesOfOthers = 64;

    private readonly int _fileTableSize = Math.Min(FileTable.MaxSize, host.Options.MaxConnections + PlacesOfOthers);

    public override EngineKind Kind => EngineKind.IoUring;

    /// <summary>On a non-blocking socket the kernel would report EAGAIN instead of waiting for us.</summary>
    public override bool UsesBlockingSockets => true;

    /// <summary>With direct descriptors, as many more as it takes for every connection to have a place in its worker's file table.</summary>
    protected override int WorkerCount
        => Math.Max(base.WorkerCount, Host.Options.DirectDescriptors ? ((Host.Options.MaxConnections - 1) / _fileTableSize) + 1 : 1);

    protected override WorkerConnection CreateConnection(Worker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
        => Host.Options.DirectDescriptors
            ? new DirectConnection(this, (UringWorker)worker, origin, descriptor, remote)
            : new UringConnection(this, (UringWorker)worker, origin, descriptor, remote);

    protected override Worker CreateWorker(int index) => new UringWorker(index, Host.Options.DirectDescriptors ? _fileTableSize : 0, Host.Logger);

    protected override WorkerListener CreateListener(Worker worker, ListenerOptions options, ConnectionOrigin origin)
        => new UringListener(this, (UringWorker)worker, options, origin);

    protected override Task ConnectAsync(Worker worker, int descriptor, ReadOnlyMemory<byte> address, CancellationToken cancellationToken)
        => new UringConnect((UringWorker)worker, descriptor, address.Span).RunAsync(cancellationToken);
}
