using System.Net;
using System.Threading.Channels;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Testing;

/// <summary>
/// The engine of an <see cref="InMemoryServer"/>: a queue of work and one worker, which runs on the pool while there is some. A connection is at most once in
/// the queue.
/// </summary>
internal sealed class InMemoryEngine(FrameHost host) : IEngine
{
    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<InMemoryListener> _listeners = [];
    private readonly LinkedList<(InMemoryConnection Connection, TaskCompletionSource<InMemoryPeer> Accepted)> _held = new();     // the worker's
    private Task _worker = Task.CompletedTask;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _operations = 1;    // connections, and one for the engine until it stops
    private int _peers;

    public int Operations => Volatile.Read(ref _operations);

    public IEngineListener Listen(ConnectionOrigin origin)
    {
        InMemoryListener listener = new(this, origin);
        _listeners.Add(listener);
        return listener;
    }

    public Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
        => throw new NotSupportedException("A server in memory makes no connections.");

    public void ResumeAccepting() => Enqueue(AdmitHeld);

    public async Task StopAsync()
    {
        Released();
        await _idle.Task.ConfigureAwait(false);
        _work.Writer.TryComplete();
        await _worker.ConfigureAwait(false);
    }

    /// <summary>A peer connects.</summary>
    public Task<InMemoryPeer> AcceptAsync(int listener, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(listener);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(listener, _listeners.Count);
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource<InMemoryPeer> accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        InMemoryListener of = _listeners[listener];
        if (!Enqueue(() => Accept(of, accepted)))
        {
            accepted.SetException(Stopped());
        }

        return cancellationToken.CanBeCanceled ? GiveUpAsync(accepted, cancellationToken) : accepted.Task;
    }

    public bool Enqueue(Action work) => _work.Writer.TryWrite(work);

    public void Released()
    {
        if (Interlocked.Decrement(ref _operations) == 0)
        {
            _idle.TrySetResult();
        }
    }

    private static IOException Stopped() => new("The server accepts nobody any more.");

    private static async Task<InMemoryPeer> GiveUpAsync(TaskCompletionSource<InMemoryPeer> accepted, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(_ => accepted.TrySetCanceled(cancellationToken), null))
        {
            return await accepted.Task.ConfigureAwait(false);
        }
    }

    private void Start()
    {
        if (_worker.IsCompleted)
        {
            using (ExecutionContext.SuppressFlow())     // as in every engine, no callback meets the starter's
            {
                _worker = Task.Run(WorkAsync);
            }
        }
    }

    private async Task WorkAsync()
    {
        await foreach (Action work in _work.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                work();
            }
            catch (Exception exception)
            {
                Log.WorkFailed(host.Logger, exception, nameof(InMemoryEngine));     // one item's trouble is nobody else's
            }
        }
    }

    private void Accept(InMemoryListener listener, TaskCompletionSource<InMemoryPeer> accepted)
    {
        if (listener.IsClosed)
        {
            accepted.TrySetException(Stopped());
            return;
        }

        InMemoryPeer peer = new();
        InMemoryConnection connection;
        try
        {
            connection = new InMemoryConnection(this, listener.Origin, peer, listener.EndPoint, new IPEndPoint(IPAddress.Loopback, 1 + (_peers++ % IPEndPoint.MaxPort)));
        }
        catch (Exception exception)
        {
            accepted.TrySetException(exception);        // the framing made no decoder
            return;
        }

        _held.AddLast((connection, accepted));
        AdmitHeld();
    }

    private void AdmitHeld()
    {
        while (_held.First is { } first)
        {
            (InMemoryConnection connection, TaskCompletionSource<InMemoryPeer> accepted) = first.Value;
            if (accepted.Task.IsCompleted)
            {
                _held.RemoveFirst();        // gave up
                connection.ReleaseDecoder();
                continue;
            }

            Interlocked.Increment(ref _operations);
            try
            {
                if (!host.Accepted(connection))
                {
                    Released();
                    return;
                }
            }
            catch (Exception exception)
            {
                // Not admitted, for want of memory: that is this peer's trouble and nobody else's.
                Released();
                _held.RemoveFirst();
                connection.ReleaseDecoder();
                accepted.TrySetException(exception);
                continue;
            }

            _held.RemoveFirst();
            connection.Start();
            if (!accepted.TrySetResult(connection.Peer))
            {
                connection.Peer.Reset();    // gave up just now
            }
        }
    }

    private void DropHeld(InMemoryListener listener)
    {
        for (var node = _held.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Connection.Listener == listener.Options)
            {
                _held.Remove(node);
                node.Value.Connection.ReleaseDecoder();
                node.Value.Accepted.TrySetException(Stopped());
            }

            node = next;
        }
    }

    private sealed class InMemoryListener(InMemoryEngine engine, ConnectionOrigin origin) : IEngineListener
    {
        public ListenerOptions Options => origin.Listener!;

        public ConnectionOrigin Origin => origin;

        /// <summary>The worker's.</summary>
        public bool IsClosed { get; private set; }

        public EndPoint EndPoint => Options.EndPoint;

        public void StartAccepting() => engine.Start();

        public async Task CloseAsync()
        {
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (engine.Enqueue(Close))
            {
                await done.Task.ConfigureAwait(false);
            }

            void Close()
            {
                IsClosed = true;
                engine.DropHeld(this);
                done.SetResult();
            }
        }
    }
}
