using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// A listening socket with a number of accepts outstanding. When the workers take the completions of more than half of that number at once, clients are
/// storming in, and as many accepts are added as make 200; afterwards each that completes is given up until there are as many as before. (The
/// article's figures are 50 and 200.) An accept that fails never ends the listener and never spins: when the peer is to blame it is posted again at
/// once, a bounded number of times in a row; otherwise (no handles, no memory, anything unknown) it is parked and posted again after a pause that
/// doubles up to a second.
/// </summary>
internal sealed class IocpListener : IEngineListener, IDisposable
{
    private const int MaxAccepts = 200;

    private readonly IocpEngine _engine;
    private readonly ListenerOptions _options;
    private readonly ConnectionOrigin _origin;
    private readonly Socket _socket;
    private readonly Lock _lock = new();
    private readonly RetryQueue<AcceptOperation> _parked;   // failed
    private readonly Queue<AcceptOperation> _held = [];     // accepted, waiting for room
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _operations = 1;    // accepts outstanding, completing, held or parked, and one for the open listener
    private int _outstanding;       // accepts of which no completion was taken
    private int _taken;             // accepts whose completion was taken, and not seen to the end
    private readonly nint _acceptEx;
    private readonly nint _getAcceptExSockaddrs;
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
                _getAcceptExSockaddrs = (nint)Ws2_32.GetAcceptExSockaddrs(Handle);
            }

            engine.Port.AssociateListener(Handle);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        EndPoint = _socket.LocalEndPoint!;
        _parked = new RetryQueue<AcceptOperation>(engine.Host.Options.TimeProvider, Retry);
    }

    public EndPoint EndPoint { get; }

    public SafeSocketHandle Handle { get; }

    public CompletionPort Port => _engine.Port;

    /// <summary>Closed, and no thread is inside a call that could begin something.</summary>
    public bool IsClosed => _closing && Volatile.Read(ref _issuing) == 0;

    private bool IsStorm => Volatile.Read(ref _taken) is > 1 and int taken && 2 * taken > _options.AcceptsOutstanding;

    // Not while clients that were accepted wait for room, or accepts for memory.
    private bool MayTopUp
    {
        get
        {
            lock (_lock)
            {
                return _held.Count == 0 && _parked.Count == 0 && !_closing;
            }
        }
    }

    private bool IsSurplus => Volatile.Read(ref _operations) - 1 > _options.AcceptsOutstanding && Volatile.Read(ref _outstanding) >= _options.AcceptsOutstanding;

    public void StartAccepting()
    {
        for (int i = 0; i < _options.AcceptsOutstanding; i++)
        {
            var operation = new AcceptOperation(this);
            Interlocked.Increment(ref _operations);
            Run(operation);
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

        var wait = default(SpinWait);
        while (Volatile.Read(ref _issuing) != 0)
        {
            wait.SpinOnce();
        }

        CompletionPort.Cancel(Handle);
        _socket.Dispose();
        foreach (AcceptOperation operation in _parked.Close().Concat(held))
        {
            Finish(operation);
        }

        RemoveOperation();
        return _closed.Task;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>A worker took a completion from the port, and is about to see to it.</summary>
    public void OnAcceptDequeued()
    {
        Interlocked.Decrement(ref _outstanding);
        Interlocked.Increment(ref _taken);
    }

    public void OnAcceptCompleted(AcceptOperation operation, SocketError error)
    {
        if (error == SocketError.Success && IsStorm && MayTopUp)
        {
            TopUp();
        }

        Run(operation, error, completed: true);
        Interlocked.Decrement(ref _taken);
    }

    private void TopUp()
    {
        try
        {
            for (int i = Volatile.Read(ref _operations) - 1; i < MaxAccepts; i++)
            {
                var operation = new AcceptOperation(this);
                Interlocked.Increment(ref _operations);
                Run(operation);
            }
        }
        catch (OutOfMemoryException)
        {
            // Those that there are must do.
        }
    }

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
                    Interlocked.Increment(ref _outstanding);
                    error = _closing ? SocketError.OperationAborted : operation.Issue(Handle, _acceptEx, _options.EndPoint.AddressFamily);
                    if (error == SocketError.Success)
                    {
                        return;
                    }

                    Interlocked.Decrement(ref _outstanding);
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

                _parked.Reset();
                if (IsSurplus)
                {
                    Finish(operation);
                    return;
                }
            }
            else if (_closing)
            {
                Finish(operation);
                return;
            }
            else if (++failures > IocpEngine.FairnessBound || !SocketFailures.IsPeersFault(error))
            {
                Park(operation, error);
                return;
            }
        }
    }

    private bool Accepted(AcceptOperation operation)
    {
        Socket? socket = null;
        IocpConnection connection;
        try
        {
            socket = operation.Take(Handle);
            _engine.Port.Associate(socket.SafeHandle);
            SocketSettings.Apply(socket, _engine.Host.Options);
            EndPoint? remote = EndPoint is IPEndPoint ? operation.RemoteEndPoint(_getAcceptExSockaddrs, EndPoint) : socket.RemoteEndPoint;
            connection = new IocpConnection(_engine, _origin, socket, remote);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket?.Dispose();
            if (exception is SocketException { SocketErrorCode: var error } && !SocketFailures.IsReset(error) && !SocketFailures.IsPeersFault(error))
            {
                Log.AcceptedSocketFailed(_engine.Host.Logger, EndPoint, error.ToString());
            }

            return true;    // otherwise it was gone before it was accepted
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
        if (!_parked.TryAdd(operation, out TimeSpan? pause))
        {
            Finish(operation);      // the listener is closing
        }
        else if (pause is { } begun)
        {
            Log.AcceptBackOff(_engine.Host.Logger, EndPoint, error.ToString(), (long)begun.TotalMilliseconds);
        }
    }

    private void Retry(IReadOnlyList<AcceptOperation> parked)
    {
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
            _parked.Dispose();
            _closed.TrySetResult();
        }
    }
}
