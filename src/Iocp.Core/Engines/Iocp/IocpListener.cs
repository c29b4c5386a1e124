using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// A listening socket with a fixed number of accepts outstanding. An accept that fails never ends the listener and never spins: when the
/// peer is to blame it is posted again at once, a bounded number of times in a row; otherwise (no handles, no memory, anything unknown) it is
/// parked and posted again after a pause that doubles up to a second.
/// </summary>
internal sealed class IocpListener : IEngineListener, IDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    private readonly IocpEngine _engine;
    private readonly ListenerOptions _options;
    private readonly ConnectionOrigin _origin;
    private readonly Socket _socket;
    private readonly ITimer _retry;
    private readonly Lock _lock = new();
    private readonly List<AcceptOperation> _parked = [];    // failed, waiting for the timer
    private readonly Queue<AcceptOperation> _held = [];     // accepted, waiting for room
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _pause = s_firstPause;
    private int _operations = 1;    // accepts outstanding or parked, and one for the open listener
    private readonly nint _acceptEx;
    private int _issuing;   // as in a connection: nothing is begun between cancel and close
    private volatile bool _closing;

    public IocpListener(IocpEngine engine, ListenerOptions options, ConnectionOrigin origin)
    {
        _engine = engine;
        _options = options;
        _origin = origin;
        _socket = SocketSettings.Listen(options, engine.Host.Options);
        Handle = _socket.SafeHandle;
        try
        {
            unsafe
            {
                _acceptEx = (nint)Ws2_32.AcceptEx(Handle);
            }

            engine.Port.Associate(Handle);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        EndPoint = _socket.LocalEndPoint!;
        _retry = engine.Host.Options.TimeProvider.CreateTimer(static listener => ((IocpListener)listener!).Retry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public EndPoint EndPoint { get; }

    public SafeSocketHandle Handle { get; }

    public void StartAccepting()
    {
        for (int i = 0; i < _options.AcceptsOutstanding; i++)
        {
            Interlocked.Increment(ref _operations);
            Run(new AcceptOperation(this));
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
        List<AcceptOperation> idle;
        lock (_lock)
        {
            if (_closing)
            {
                return _closed.Task;
            }

            _closing = true;
            idle = [.. _parked, .. _held];
            _parked.Clear();
            _held.Clear();
        }

        var wait = default(SpinWait);
        while (Volatile.Read(ref _issuing) != 0)
        {
            wait.SpinOnce();
        }

        CompletionPort.Cancel(Handle);
        _socket.Dispose();
        foreach (AcceptOperation operation in idle)
        {
            Finish(operation);
        }

        RemoveOperation();
        return _closed.Task;
    }

    public void Dispose() => _socket.Dispose();

    public void OnAcceptCompleted(AcceptOperation operation, SocketError error) => Run(operation, error, completed: true);

    // The accept loop of one operation: until it is outstanding, held, parked, or the listener closes.
    private void Run(AcceptOperation operation, SocketError error = SocketError.Success, bool completed = false)
    {
        for (int failures = 0; ;)
        {
            if (!completed)
            {
                try
                {
                    Interlocked.Increment(ref _issuing);
                    error = _closing ? SocketError.OperationAborted : operation.Issue(Handle, _acceptEx, _options.EndPoint.AddressFamily);
                    if (error == SocketError.Success)
                    {
                        return;
                    }
                }
                finally
                {
                    Interlocked.Decrement(ref _issuing);
                }
            }

            completed = false;
            if (error != SocketError.Success)
            {
                operation.Discard();
            }

            if (error == SocketError.Success)
            {
                failures = 0;
                if (!Accepted(operation))
                {
                    return;
                }

                _pause = s_firstPause;
            }
            else if (_closing)
            {
                Finish(operation);
                return;
            }
            else if (++failures > IocpEngine.FairnessBound || !IsPeersFault(error))
            {
                Park(operation, error);
                return;
            }
        }
    }

    private static bool IsPeersFault(SocketError error) => error is SocketError.ConnectionReset or SocketError.ConnectionAborted
        or SocketError.ConnectionRefused or SocketError.NetworkReset or SocketError.TimedOut or SocketError.HostUnreachable
        or SocketError.HostDown or SocketError.NetworkUnreachable or SocketError.NetworkDown;

    private bool Accepted(AcceptOperation operation)
    {
        Socket? socket = null;
        IocpConnection connection;
        try
        {
            socket = operation.Take(Handle);
            _engine.Port.Associate(socket.SafeHandle);
            SocketSettings.Apply(socket, _engine.Host.Options);
            connection = new IocpConnection(_engine, _origin, socket, socket.RemoteEndPoint);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket?.Dispose();  // gone before it was accepted
            return true;
        }
        catch (Exception exception)
        {
            socket?.Dispose();
            Log.ConnectionNotMade(_engine.Host.Logger, exception, EndPoint);    // the user's CreateDecoder threw
            return true;
        }
        finally
        {
            operation.Discard();    // what was not taken
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
        Run(operation);
    }

    // The connection was admitted, and is no longer the listener's.
    private static void Start(AcceptOperation operation)
    {
        IocpConnection connection = operation.Held!;
        operation.Held = null;
        connection.Start();
    }

    private void Park(AcceptOperation operation, SocketError error)
    {
        lock (_lock)
        {
            if (!_closing)
            {
                _parked.Add(operation);
                if (_parked.Count == 1)
                {
                    Log.AcceptBackOff(_engine.Host.Logger, EndPoint, error.ToString(), (long)_pause.TotalMilliseconds);
                    _retry.Change(_pause, Timeout.InfiniteTimeSpan);
                    _pause = _pause * 2 < s_longestPause ? _pause * 2 : s_longestPause;
                }

                return;
            }
        }

        Finish(operation);
    }

    private void Retry()
    {
        AcceptOperation[] parked;
        lock (_lock)
        {
            parked = [.. _parked];
            _parked.Clear();
        }

        foreach (AcceptOperation operation in parked)
        {
            Run(operation);
        }
    }

    private void Finish(AcceptOperation operation)
    {
        operation.Held?.Discard();
        operation.Discard();
        operation.Dispose();
        RemoveOperation();
    }

    private void RemoveOperation()
    {
        if (Interlocked.Decrement(ref _operations) == 0)
        {
            _retry.Dispose();
            _closed.TrySetResult();
        }
    }
}
