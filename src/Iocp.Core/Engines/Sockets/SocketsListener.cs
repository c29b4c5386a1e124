using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Sockets;

/// <summary>
/// A listening socket with a fixed number of accepts outstanding. An accept that fails never ends the listener and never spins: when the
/// peer is to blame it is posted again at once, a bounded number of times in a row; otherwise (no descriptors, no memory, anything unknown) it is
/// parked and posted again after a pause that doubles up to a second. One that took a descriptor of the reserve is parked likewise.
/// </summary>
internal sealed class SocketsListener : IEngineListener, IDisposable
{
    private readonly SocketsEngine _engine;
    private readonly ListenerOptions _options;
    private readonly ConnectionOrigin _origin;
    private readonly Socket _socket;
    private readonly Lock _lock = new();
    private readonly RetryQueue<AcceptOperation> _parked;   // failed
    private readonly Queue<AcceptOperation> _held = [];     // accepted, waiting for room
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _operations = 1;    // accepts outstanding or parked, and one for the open listener
    private bool _closing;

    public SocketsListener(SocketsEngine engine, ListenerOptions options, ConnectionOrigin origin)
    {
        _engine = engine;
        _options = options;
        _origin = origin;
        _socket = SocketSettings.Listen(options, engine.Host.Options);
        EndPoint = _socket.LocalEndPoint!;
        _parked = new RetryQueue<AcceptOperation>(engine.Host.Options.TimeProvider, Retry);
    }

    public EndPoint EndPoint { get; }

    public void StartAccepting()
    {
        for (int i = 0; i < _options.AcceptsOutstanding; i++)
        {
            Interlocked.Increment(ref _operations);
            Run(new AcceptOperation(this), completed: false);
        }
    }

    public void ResumeAccepting()
    {
        while (true)
        {
            AcceptOperation? operation;
            lock (_lock)
            {
                // Taken only when there is room: who finds none stays first in line.
                if (!_held.TryPeek(out operation) || !_engine.Host.Accepted(operation.Held!))
                {
                    return;
                }

                _held.Dequeue();
            }

            // On the pool: a resume comes from a connection that ends, which must not turn into the accept loop.
            ThreadPool.UnsafeQueueUserWorkItem(static item => item.Listener.Continue(item.Operation), (Listener: this, Operation: operation), preferLocal: false);
        }
    }

    public Task CloseAsync()
    {
        AcceptOperation[] held;
        lock (_lock)
        {
            if (_closing)
            {
                return _closed.Task;
            }

            _closing = true;
            held = [.. _held];
            _held.Clear();
        }

        _socket.Dispose();
        foreach (AcceptOperation operation in _parked.Close().Concat(held))
        {
            Finish(operation);
        }

        RemoveOperation();
        return _closed.Task;
    }

    public void Dispose() => _socket.Dispose();

    public void OnAcceptCompleted(AcceptOperation operation) => Run(operation, completed: true);

    // The accept loop of one operation: until it is outstanding, held, parked, or the listener closes.
    private void Run(AcceptOperation operation, bool completed)
    {
        for (int failures = 0; ;)
        {
            if (!completed)
            {
                try
                {
                    operation.AcceptSocket = null;
                    if (_socket.AcceptAsync(operation))
                    {
                        return;
                    }
                }
                catch (ObjectDisposedException)
                {
                    Finish(operation);
                    return;
                }
                catch (SocketException exception)
                {
                    operation.SocketError = exception.SocketErrorCode;
                }
            }

            completed = false;
            if (operation.SocketError == SocketError.Success)
            {
                failures = 0;
                bool last = _engine.Reserve.IsTouchedBy(operation.AcceptSocket!.Handle);
                if (!Accepted(operation))
                {
                    return;
                }

                if (last)
                {
                    operation.SocketError = SocketError.TooManyOpenSockets;
                    Park(operation);
                    return;
                }

                _parked.Reset();
            }
            else if (_closing)
            {
                Finish(operation);
                return;
            }
            else if (++failures > SocketsEngine.FairnessBound || !SocketFailures.IsPeersFault(operation.SocketError))
            {
                Park(operation);
                return;
            }
        }
    }

    private bool Accepted(AcceptOperation operation)
    {
        Socket socket = operation.AcceptSocket!;
        operation.AcceptSocket = null;
        SocketsConnection connection;
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                SocketSettings.Apply(socket, _engine.Host.Options);     // inherited from the listener on Linux
            }

            connection = new SocketsConnection(_engine, _origin, socket, socket.RemoteEndPoint);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket.Dispose();   // gone before it was accepted
            return true;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            Log.ConnectionNotMade(_engine.Host.Logger, exception, EndPoint);    // the user's CreateDecoder threw
            return true;
        }

        operation.Held = connection;
        return TryAdmit(operation);
    }

    // True: the operation may accept the next. False: it holds its connection until there is room, or the listener is closing.
    private bool TryAdmit(AcceptOperation operation)
    {
        bool closing;
        lock (_lock)
        {
            // Under the lock, so that a resume cannot fall between finding no room and being held; and nobody overtakes who is held.
            closing = _closing;
            if (!closing && (_held.Count > 0 || !_engine.Host.Accepted(operation.Held!)))
            {
                _held.Enqueue(operation);
                return false;
            }
        }

        if (closing)
        {
            Finish(operation);
            return false;
        }

        Start(operation);
        return true;
    }

    private void Continue(AcceptOperation operation)
    {
        Start(operation);
        Run(operation, completed: false);
    }

    // The connection was admitted, and is no longer the listener's.
    private static void Start(AcceptOperation operation)
    {
        SocketsConnection connection = operation.Held!;
        operation.Held = null;
        connection.Start();
    }

    private void Park(AcceptOperation operation)
    {
        if (!_parked.TryAdd(operation, out TimeSpan? pause))
        {
            Finish(operation);      // the listener is closing
        }
        else if (pause is { } begun)
        {
            Log.AcceptBackOff(_engine.Host.Logger, EndPoint, operation.SocketError.ToString(), (long)begun.TotalMilliseconds);
        }
    }

    private void Retry(IReadOnlyList<AcceptOperation> parked)
    {
        bool full = _engine.Reserve.IsTouched();
        foreach (AcceptOperation operation in parked)
        {
            if (full)
            {
                Park(operation);
            }
            else
            {
                Run(operation, completed: false);
            }
        }
    }

    private void Finish(AcceptOperation operation)
    {
        operation.Held?.Discard();
        operation.AcceptSocket?.Dispose();
        operation.Dispose();
        RemoveOperation();
    }

    private void RemoveOperation()
    {
        if (Interlocked.Decrement(ref _operations) == 0)
        {
            _parked.Dispose();
            _closed.TrySetResult();
        }
    }
}
