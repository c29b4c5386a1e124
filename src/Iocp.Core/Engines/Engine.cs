using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines;

/// <summary>What the engines of the system's sockets have in common: their listeners, what they still owe, and the course of a connect and of a stop.</summary>
/// <param name="host">Whom it tells.</param>
/// <param name="accepts">Accepts that may be outstanding at a time.</param>
internal abstract class Engine(FrameHost host, int accepts) : IEngine
{
    /// <summary>
    /// Operations of one connection or listener in a row that are over at once, before others get their turn on the thread: receives (zero-byte waits count), sends,
    /// and on a completion engine accepts that fail.
    /// </summary>
    public const int FairnessBound = 16;

    private readonly List<EngineListener> _listeners = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _firstResumed;      // of the listeners, under their lock
    private int _operations = 1;    // connections and connects not yet done with, and one for the engine until it stops

    public FrameHost Host { get; } = host;

    /// <summary>Descriptors that are not for connections.</summary>
    public DescriptorReserve Reserve { get; } = new(accepts);

    /// <summary>What is set on each connection's socket.</summary>
    public SocketOptions SocketOptions { get; } = new(host.Options);

    public int Operations => Volatile.Read(ref _operations);

    public IEngineListener Listen(ConnectionOrigin origin)
    {
        lock (_listeners)
        {
            Socket socket = SocketFactory.Listen(origin.Listener!, SocketOptions);
            try
            {
                EngineListener listener = CreateListener(socket, _listeners.Count, origin);
                _listeners.Add(listener);
                return listener;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    public async Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
    {
        AddOperation();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();       // a stop cancels before it looks whether anything is left: later nobody would serve this
            EngineConnection connection = await ConnectOrWaitAsync(origin, remoteEndPoint, localEndPoint, cancellationToken).ConfigureAwait(false);
            try
            {
                cancellationToken.ThrowIfCancellationRequested();    // meanwhile: whoever gave up, or stopped, wants no connection
                if (!Host.Accepted(connection))
                {
                    throw new InvalidOperationException($"MaxConnections is {Host.Options.MaxConnections}, and as many connections are open.");
                }
            }
            catch
            {
                connection.Discard();
                throw;
            }

            connection.Begin();
            return connection;
        }
        finally
        {
            RemoveOperation();
        }
    }

    public void ResumeAccepting()
    {
        lock (_listeners)
        {
            // Each is the first in turn: otherwise those behind one for which somebody always waits would never get a place.
            _firstResumed++;
            for (int i = 0; i < _listeners.Count; i++)
            {
                _listeners[(int)((uint)(_firstResumed + i) % (uint)_listeners.Count)].ResumeAccepting();
            }
        }
    }

    public async Task StopAsync()
    {
        EngineListener[] listeners;
        lock (_listeners)
        {
            listeners = [.. _listeners];
        }

        foreach (EngineListener listener in listeners)
        {
            await listener.CloseAsync().ConfigureAwait(false);
        }

        RemoveOperation();
        await _idle.Task.ConfigureAwait(false);
        await ReleaseAsync().ConfigureAwait(false);
    }

    public void AddOperation() => Interlocked.Increment(ref _operations);

    public void RemoveOperation()
    {
        if (Interlocked.Decrement(ref _operations) == 0)
        {
            _idle.TrySetResult();
        }
    }

    /// <summary>A listener has closed; after a start that failed another may come in its place.</summary>
    public void Remove(EngineListener listener)
    {
        lock (_listeners)
        {
            _listeners.Remove(listener);
        }
    }

    /// <summary>A listener with a bound socket, which stays the caller's if this throws.</summary>
    protected abstract EngineListener CreateListener(Socket socket, int index, ConnectionOrigin origin);

    /// <summary>Connects. When this completes, however it does, no connect is outstanding on the socket: if it failed the socket is the caller's, otherwise the connection's or closed.</summary>
    /// <exception cref="SocketException">The connect failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    protected abstract Task<EngineConnection> ConnectAsync(DetachableSocket socket, ConnectionOrigin origin, EndPoint remoteEndPoint, CancellationToken cancellationToken);

    /// <summary>Ends the workers and gives back what is pooled; nothing is outstanding.</summary>
    protected abstract Task ReleaseAsync();

    // A UNIX socket whose listener's backlog is full says EAGAIN at once, see connect(2), where TCP waits: so it is tried again until it is cancelled.
    // On the system's time, as everything that waits for the system.
    private async Task<EngineConnection> ConnectOrWaitAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
    {
        BackOff backOff = new();
        while (true)
        {
            try
            {
                return await ConnectAsync(origin, remoteEndPoint, localEndPoint, SocketFactory.Create(remoteEndPoint), cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock && remoteEndPoint is UnixDomainSocketEndPoint)
            {
                await Task.Delay(backOff.Next(), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<EngineConnection> ConnectAsync(
        ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, DetachableSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            if (Reserve.IsTouchedBy(socket.Handle))
            {
                throw new SocketException((int)SocketError.TooManyOpenSockets);
            }

            SocketOptions.Apply(socket);
            if (localEndPoint is not null)
            {
                SocketFactory.BindForConnect(socket, localEndPoint);
            }

            return await ConnectAsync(socket, origin, remoteEndPoint, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
