using System.Net.Sockets;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>Linux's completion queue: one ring a worker.</summary>
internal sealed class IoUringEngine : WorkerEngine
{
    private const int MaxWorkers = 1024;

    // Of the process's descriptors, for rings: each takes two.
    private const int LimitOverWorkers = 8;

    // Listeners and connects have places on a worker too. A connection beyond the table keeps its descriptor.
    private const int PlacesOfOthers = 64;

    private readonly int _fileTableSize;    // 0: no direct descriptors

    /// <exception cref="ArgumentOutOfRangeException">The process may not have enough rings for the direct descriptors of MaxConnections.</exception>
    public IoUringEngine(FrameHost host)
        : base(host)
    {
        if (host.Options is { DirectDescriptors: true, MaxConnections: var connections })
        {
            if (!IoUringProbe.ClosesDirectDescriptors())
            {
                Log.DirectDescriptorsTooEarly(host.Logger);
                return;
            }

            long most = (long)FileTable.MaxSize * Math.Clamp(FileTable.MaxSize / LimitOverWorkers, 1, MaxWorkers);
            if (connections > most)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(host),
                    connections,
                    $"MaxConnections is {connections}; with DirectDescriptors and a limit of {FileTable.MaxSize} open descriptors allowed is 1 to {most}.");
            }

            _fileTableSize = Math.Min(FileTable.MaxSize, connections + PlacesOfOthers);
        }
    }

    // A TCP connect is left to wait in the kernel; a UNIX one would take a kernel thread to wait for room in a full backlog.
    // What the connection submits afterwards never waits, whatever its socket's mode.
    protected override bool ConnectsBlocking(AddressFamily family) => family != AddressFamily.Unix;

    /// <summary>With direct descriptors, as many more as it takes for every connection to have a place in its worker's file table.</summary>
    protected override int WorkerCount
        => Math.Max(base.WorkerCount, _fileTableSize > 0 ? ((Host.Options.MaxConnections - 1) / _fileTableSize) + 1 : 1);

    protected override int ConnectionsPerWorker => _fileTableSize > 0 ? Math.Max(_fileTableSize - PlacesOfOthers, 1) : base.ConnectionsPerWorker;

    protected override WorkerConnection CreateConnection(Worker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
        => _fileTableSize > 0
            ? new DirectConnection((UringWorker)worker, origin, descriptor, remote)
            : new UringConnection((UringWorker)worker, origin, descriptor, remote);

    protected override Worker CreateWorker(int index) => new UringWorker(index, _fileTableSize, Host);

    protected override WorkerListener CreateListener(Worker worker, Socket socket, ConnectionOrigin origin)
        => new UringListener(this, (UringWorker)worker, socket, origin);

    protected override Task ConnectAsync(Worker worker, int descriptor, ReadOnlyMemory<byte> address, CancellationToken cancellationToken)
        => new UringConnect((UringWorker)worker, descriptor, address.Span).RunAsync(cancellationToken);
}
