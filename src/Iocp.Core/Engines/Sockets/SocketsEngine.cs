using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Sockets;

/// <summary>
/// The portable engine: SocketAsyncEventArgs on the runtime's thread pool. It has no threads of its own; each completion is a work item
/// of the pool. Operation objects are pooled; an idle connection keeps one outstanding zero-byte receive and no buffer.
/// </summary>
internal sealed class SocketsEngine(IEngineHost host) : IEngine, IDisposable
{
    /// <summary>Bytes of one read. Rented only while there is something to read.</summary>
    public const int ReceiveBufferSize = 16_384;

    /// <summary>Reads or sends of one connection in a row before others get their turn on the thread.</summary>
    public const int FairnessBound = 16;

    private readonly BoundedQueue<ReceiveOperation> _receiveOperations = new(4096);
    private readonly BoundedQueue<SendOperation> _sendOperations = new(1024);
    private readonly RetryQueue<IThreadPoolWorkItem> _short = new(TimeProvider.System, RunAll);     // a shortage is the machine's: no fake clock stands for its end
    private readonly List<SocketsListener> _listeners = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _operations = 1;    // connections, connects and accepts not yet done with, and one for the engine until it stops

    public EngineKind Kind => EngineKind.Sockets;

    public IEngineHost Host { get; } = host;

    /// <summary>Descriptors that are not for connections.</summary>
    public DescriptorReserve Reserve { get; } = new((host.Options as FrameServerOptions)?.Listeners.Sum(listener => listener.AcceptsOutstanding) ?? 0);

    public int Operations => Volatile.Read(ref _operations);

    public IEngineListener Listen(ListenerOptions options, ConnectionOrigin origin)
    {
        var listener = new SocketsListener(this, options, origin);
        lock (_listeners)
        {
            _listeners.Add(listener);
        }

        return listener;
    }

    public async Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
    {
        AddOperation();
        Socket? socket = null;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            socket = SocketSettings.Create(remoteEndPoint);
            if (Reserve.IsTouchedBy(socket.Handle))
            {
                throw new SocketException((int)SocketError.TooManyOpenSockets);
            }

            SocketSettings.Apply(socket, Host.Options);
            if (localEndPoint is not null)
            {
                SocketSettings.BindForConnect(socket, localEndPoint);
            }

            await socket.ConnectAsync(remoteEndPoint, either.Token).ConfigureAwait(false);
            var connection = new SocketsConnection(this, origin, socket, remoteEndPoint);
            if (!Host.Accepted(connection))
            {
                connection.Discard();
                throw new InvalidOperationException($"MaxConnections is {Host.Options.MaxConnections}, and as many connections are open.");
            }

            socket = null;      // the connection's from here on
            connection.Start();
            return connection;
        }
        finally
        {
            socket?.Dispose();
            RemoveOperation();
        }
    }

    public void ResumeAccepting()
    {
        lock (_listeners)
        {
            foreach (SocketsListener listener in _listeners)
            {
                listener.ResumeAccepting();
            }
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        SocketsListener[] listeners;
        lock (_listeners)
        {
            listeners = [.. _listeners];
        }

        foreach (SocketsListener listener in listeners)
        {
            await listener.CloseAsync().ConfigureAwait(false);
        }

        RemoveOperation();
        await _idle.Task.ConfigureAwait(false);
        while (_receiveOperations.TryDequeue(out ReceiveOperation? receive))
        {
            receive.Dispose();
        }

        while (_sendOperations.TryDequeue(out SendOperation? send))
        {
            send.Dispose();
        }

        Dispose();
    }

    public void Dispose()
    {
        _short.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Gives an operation that failed for want of memory or buffers a turn after a pause.</summary>
    public void RunLater(IThreadPoolWorkItem operation, SocketError error)
    {
        if (_short.TryAdd(operation, out TimeSpan? pause) && pause is { } begun)
        {
            Log.Shortage(Host.Logger, error.ToString(), (long)begun.TotalMilliseconds);
        }
    }

    public void AddOperation() => Interlocked.Increment(ref _operations);

    public void RemoveOperation()
    {
        if (Interlocked.Decrement(ref _operations) == 0)
        {
            _idle.TrySetResult();
        }
    }

    public ReceiveOperation RentReceive(SocketsConnection connection)
    {
        ReceiveOperation operation = _receiveOperations.TryDequeue(out ReceiveOperation? pooled) ? pooled : new ReceiveOperation();
        operation.Connection = connection;
        return operation;
    }

    public void Return(ReceiveOperation operation)
    {
        operation.Connection = null;
        if (!_receiveOperations.TryEnqueue(operation))
        {
            operation.Dispose();
        }
    }

    public SendOperation RentSend(SocketsConnection connection)
    {
        SendOperation operation = _sendOperations.TryDequeue(out SendOperation? pooled) ? pooled : new SendOperation();
        operation.Connection = connection;
        return operation;
    }

    public void Return(SendOperation operation)
    {
        operation.Connection = null;
        if (!_sendOperations.TryEnqueue(operation))
        {
            operation.Dispose();
        }
    }

    private static void RunAll(IReadOnlyList<IThreadPoolWorkItem> operations)
    {
        foreach (IThreadPoolWorkItem operation in operations)
        {
            ThreadPool.UnsafeQueueUserWorkItem(operation, preferLocal: false);
        }
    }
}
