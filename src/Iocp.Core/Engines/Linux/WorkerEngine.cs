using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Linux;

/// <summary>What the engines with workers of their own have in common: the workers, started on first use, and the way to them.</summary>
internal abstract class WorkerEngine(FrameHost host) : Engine(host, accepts: 1)
{
    private readonly Lock _lock = new();
    private volatile Worker[]? _workers;

    /// <summary>What is to be asked of connections again.</summary>
    public ShortageQueue<(WorkerConnection Connection, int Requests)> Shortages { get; } = new(host.Logger, static item => item.Connection.Post(item.Requests));

    /// <summary>A connection of the worker that has the least to do.</summary>
    /// <exception cref="Exception">What the user's CreateDecoder threw, or want of memory; the descriptor is still the caller's.</exception>
    public WorkerConnection CreateConnection(ConnectionOrigin origin, int descriptor, in PeerAddress remote)
    {
        Worker worker = Deal();
        try
        {
            return CreateConnection(worker, origin, descriptor, remote);
        }
        catch
        {
            worker.AddLoad(-1);
            throw;
        }
    }

    /// <summary>Made for a worker whose load it is already, until its socket is released.</summary>
    protected abstract WorkerConnection CreateConnection(Worker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote);

    /// <summary>Whether a socket is in blocking mode while it connects.</summary>
    protected virtual bool ConnectsBlocking(AddressFamily family) => false;

    protected virtual int WorkerCount => WorkersAtOnce;

    /// <summary>How many connections a worker takes before they are dealt out to more workers than were asked for.</summary>
    protected virtual int ConnectionsPerWorker => int.MaxValue;

    private int WorkersAtOnce => Host.Options.Workers ?? Environment.ProcessorCount;

    protected abstract Worker CreateWorker(int index);

    protected abstract WorkerListener CreateListener(Worker worker, Socket socket, ConnectionOrigin origin);

    protected sealed override EngineListener CreateListener(Socket socket, int index, ConnectionOrigin origin)
    {
        Worker[] workers = StartedWorkers();
        socket.Blocking = false;
        return CreateListener(workers[index % WorkersAtOnce], socket, origin);     // not on those that are there for their room only
    }

    protected sealed override async Task<EngineConnection> ConnectAsync(DetachableSocket socket, ConnectionOrigin origin, EndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        socket.Blocking = ConnectsBlocking(remoteEndPoint.AddressFamily);
        StartedWorkers();
        int descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        SocketAddress address = remoteEndPoint.Serialize();
        await ConnectAsync(LeastLoaded(), descriptor, address.Buffer[..address.Size], cancellationToken).ConfigureAwait(false);

        // Dealt out now: of connects that were begun together, none was a load before.
        WorkerConnection connection = CreateConnection(origin, descriptor, PeerAddress.From(address.Buffer.Span[..address.Size]));

        // A duplicate instead would make two descriptors of each connect for a moment, the last ones of the process at that.
        socket.Detach();
        return connection;
    }

    protected sealed override async Task ReleaseAsync()
    {
        Shortages.Close();
        foreach (Worker worker in _workers ?? [])
        {
            await worker.StopAsync().ConfigureAwait(false);
            worker.Dispose();
        }
    }

    /// <summary>Connects; when this completes, however it does, nothing is outstanding on the descriptor.</summary>
    /// <exception cref="SocketException">The connect failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    protected abstract Task ConnectAsync(Worker worker, int descriptor, ReadOnlyMemory<byte> address, CancellationToken cancellationToken);

    // Chosen and counted at once: connections that come at the same moment see each other.
    private Worker Deal()
    {
        lock (_lock)
        {
            Worker worker = LeastLoaded();
            worker.AddLoad(1);
            return worker;
        }
    }

    // Of as many as were asked for, and of as many more each time only when these have no room: more threads than processors make batches small.
    private Worker LeastLoaded()
    {
        Worker[] workers = _workers!;
        Worker least = workers[0];
        for (int i = 1; i < workers.Length && (i % WorkersAtOnce != 0 || least.Load >= ConnectionsPerWorker); i++)
        {
            if (workers[i].Load < least.Load)
            {
                least = workers[i];
            }
        }

        return least;
    }

    // A worker that cannot start (no descriptors, no memory) is an error of whoever listens or connects, who may try again.
    private Worker[] StartedWorkers()
    {
        lock (_lock)
        {
            if (_workers is not null)
            {
                return _workers;
            }

            var workers = new Worker[WorkerCount];
            try
            {
                for (int i = 0; i < workers.Length; i++)
                {
                    workers[i] = CreateWorker(i);
                    workers[i].StartAsync().GetAwaiter().GetResult();
                    if (Reserve.IsTouched())
                    {
                        throw SocketErrors.From(Libc.EMFILE);     // the runtime needs the last ones
                    }
                }
            }
            catch
            {
                foreach (Worker? worker in workers)
                {
                    worker?.Stop();
                    worker?.Dispose();
                }

                throw;
            }

            return _workers = workers;
        }
    }
}
