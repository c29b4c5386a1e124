using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// The Windows engine: one completion port, and workers that take its completions in batches. Operations and their native blocks are pooled; an idle connection keeps one outstanding zero-byte receive and no buffer.
/// </summary>
internal sealed class IocpEngine(IEngineHost host) : IEngine, IDisposable
{
    /// <summary>Bytes of one read. Rented only while there is something to read.</summary>
    public const int ReceiveBufferSize = 16_384;

    /// <summary>Reads or sends of one connection in a row before others get their turn on the thread.</summary>
    public const int FairnessBound = 16;

    private readonly BoundedQueue<ReceiveOperation> _receiveOperations = new(4096);
    private readonly BoundedQueue<SendOperation> _sendOperations = new(1024);
    private readonly List<IocpListener> _listeners = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _operations = 1;    // connections, connects and accepts not yet done with, and one for the engine until it stops

    public CompletionPort Port { get; } = new(host);

    public EngineKind Kind => EngineKind.Iocp;

    public IEngineHost Host { get; } = host;

    public int Operations => Volatile.Read(ref _operations);

    public IEngineListener Listen(ListenerOptions options, ConnectionOrigin origin)
    {
        var listener = new IocpListener(this, options, origin);
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
            SocketSettings.Apply(socket, Host.Options);
            if (localEndPoint is not null)
            {
                SocketSettings.BindForConnect(socket, localEndPoint);
            }

            else if (remoteEndPoint is IPEndPoint)
            {
                // ConnectEx asks for a bound socket.
                socket.Bind(new IPEndPoint(remoteEndPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
            }

            using (var connect = new ConnectOperation(this, socket))
            {
                await connect.RunAsync(remoteEndPoint, either.Token).ConfigureAwait(false);
            }

            var connection = new IocpConnection(this, origin, socket, remoteEndPoint);
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
            foreach (IocpListener listener in _listeners)
            {
                listener.ResumeAccepting();
            }
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        IocpListener[] listeners;
        lock (_listeners)
        {
            listeners = [.. _listeners];
        }

        foreach (IocpListener listener in listeners)
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

        // On the pool: this may be a worker, which cannot wait for itself.
        await Task.Run(Port.Dispose).ConfigureAwait(false);
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

    /// <exception cref="OutOfMemoryException">There is none for its block.</exception>
    public ReceiveOperation RentReceive(IocpConnection connection)
    {
        ReceiveOperation operation = _receiveOperations.TryDequeue(out ReceiveOperation? pooled) ? pooled : new ReceiveOperation(Port);
        operation.Connection = connection;
        return operation;
    }

    public void Return(ReceiveOperation operation)
    {
        operation.Connection = null;
        if (operation.IsAbandoned || !_receiveOperations.TryEnqueue(operation))
        {
            operation.Dispose();
        }
    }

    /// <exception cref="OutOfMemoryException">There is none for its block.</exception>
    public SendOperation RentSend(IocpConnection connection)
    {
        SendOperation operation = _sendOperations.TryDequeue(out SendOperation? pooled) ? pooled : new SendOperation(Port);
        operation.Connection = connection;
        return operation;
    }

    public void Return(SendOperation operation)
    {
        operation.Connection = null;
        if (operation.IsAbandoned || !_sendOperations.TryEnqueue(operation))
        {
            operation.Dispose();
        }
    }
}
