using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Linux;

/// <summary>What the engines with workers of their own have in common: the workers, started on first use, and the way to them.</summary>
internal abstract class WorkerEngine(IEngineHost host) : IEngine, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<WorkerListener> _listeners = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Worker[]? _workers;
    private int _operations = 1;    // connections and connects not yet done with, and one for the engine until it stops

    public abstract EngineKind Kind { get; }

    public IEngineHost Host { get; } = host;

    /// <summary>Descriptors that are not for connections.</summary>
    public DescriptorReserve Reserve { get; } = new(accepts: 1);

    /// <summary>Whether descriptors are in blocking mode: so that the kernel waits, never a thread.</summary>
    public abstract bool UsesBlockingSockets { get; }

    public int Operations => Volatile.Read(ref _operations);

    public IEngineListener Listen(ListenerOptions options, ConnectionOrigin origin)
    {
        lock (_lock)
        {
            Worker[] workers = StartedWorkers();
            WorkerListener listener = CreateListener(workers[_listeners.Count % workers.Length], options, origin);
            _listeners.Add(listener);
            return listener;
        }
    }

    public async Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
    {
        AddOperation();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            either.Token.ThrowIfCancellationRequested();    // a stop cancels before it looks whether anything is left: later nobody would serve this
            using Socket socket = SocketSettings.Create(remoteEndPoint);
            if (Reserve.IsTouchedBy(socket.Handle))
            {
                throw new SocketException((int)SocketError.TooManyOpenSockets);
            }

            SocketSettings.Apply(socket, Host.Options);
            if (localEndPoint is not null)
            {
                SocketSettings.BindForConnect(socket, localEndPoint);
            }

            socket.Blocking = UsesBlockingSockets;
            lock (_lock)
            {
                StartedWorkers();
            }

            Worker worker = LeastLoaded();
            int descriptor = (int)socket.SafeHandle.DangerousGetHandle();
            SocketAddress address = remoteEndPoint.Serialize();
            await ConnectAsync(worker, descriptor, address.Buffer[..address.Size], either.Token).ConfigureAwait(false);

            // A descriptor of the connection's own: a socket object cannot be made to let go of its.
            int own = Libc.DescriptorControl(descriptor, Libc.F_DUPFD_CLOEXEC, 0);
            if (own < 0)
            {
                throw SocketErrors.From(Libc.Errno);
            }

            WorkerConnection connection = CreateConnectionOrClose(worker, origin, own, PeerAddress.From(address.Buffer.Span[..address.Size]));
            if (!Host.Accepted(connection))
            {
                connection.Discard();
                throw new InvalidOperationException($"MaxConnections is {Host.Options.MaxConnections}, and as many connections are open.");
            }

            connection.Start();
            return connection;
        }
        finally
        {
            RemoveOperation();
        }
    }

    public void ResumeAccepting()
    {
        lock (_lock)
        {
            foreach (WorkerListener listener in _listeners)
            {
                listener.ResumeAccepting();
            }
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        WorkerListener[] listeners;
        lock (_lock)
        {
            listeners = [.. _listeners];
        }

        foreach (WorkerListener listener in listeners)
        {
            await listener.CloseAsync().ConfigureAwait(false);
        }

        RemoveOperation();
        await _idle.Task.ConfigureAwait(false);
        foreach (Worker worker in _workers ?? [])
        {
            await worker.StopAsync().ConfigureAwait(false);
            worker.Dispose();
        }

        Dispose();
    }

    public void Dispose() => _stopping.Dispose();

    public void AddOperation() => Interlocked.Increment(ref _operations);

    public void RemoveOperation()
    {
        if (Interlocked.Decrement(ref _operations) == 0)
        {
            _idle.TrySetResult();
        }
    }

    public Worker LeastLoaded()
    {
        Worker[] workers = _workers!;
        Worker least = workers[0];
        for (int i = 1; i < workers.Length; i++)
        {
            if (workers[i].Load < least.Load)
            {
                least = workers[i];
            }
        }

        return least;
    }

    /// <exception cref="Exception">What the user's CreateDecoder threw; the descriptor is closed then.</exception>
    public WorkerConnection CreateConnectionOrClose(Worker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
    {
        try
        {
            return CreateConnection(worker, origin, descriptor, remote);
        }
        catch
        {
            _ = Libc.Close(descriptor);
            throw;
        }
    }

    protected virtual int WorkerCount => Host.Options.Workers ?? Environment.ProcessorCount;

    protected abstract WorkerConnection CreateConnection(Worker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote);

    protected abstract Worker CreateWorker(int index);

    protected abstract WorkerListener CreateListener(Worker worker, ListenerOptions options, ConnectionOrigin origin);

    /// <summary>Connects a non-blocking socket; when this completes, however it does, nothing is outstanding on the descriptor.</summary>
    /// <exception cref="SocketException">The connect failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    protected abstract Task ConnectAsync(Worker worker, int descriptor, ReadOnlyMemory<byte> address, CancellationToken cancellationToken);

    // A worker that cannot start (no descriptors, no memory) is an error of whoever listens or connects, who may try again.
    private Worker[] StartedWorkers()
    {
        if (_workers is null)
        {
            var workers = new Worker[WorkerCount];
            int started = 0;
            try
            {
                for (; started < workers.Length; started++)
                {
                    workers[started] = CreateWorker(started);
                    workers[started].StartAsync().GetAwaiter().GetResult();
                }
            }
            catch
            {
                foreach (Worker? worker in workers)
                {
                    worker?.StopAsync().GetAwaiter().GetResult();
                    worker?.Dispose();
                }

                throw;
            }

            Volatile.Write(ref _workers, workers);
        }

        return _workers;
    }
}
