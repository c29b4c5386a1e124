using System.Net.Sockets;

namespace Iocp.Core.Engines.Completions;

/// <summary>
/// A listening socket with a number of accepts outstanding. An accept that fails never ends the listener and never spins: when the peer is to blame it is
/// issued again at once, a bounded number of times in a row; otherwise (no descriptors, no memory, anything unknown) it is parked and issued again after a
/// pause that doubles up to a second. One that took a descriptor of the reserve is parked likewise.
/// </summary>
internal abstract class CompletionListener : EngineListener
{
    private readonly Lock _lock = new();
    private readonly RetryQueue<IAcceptOperation> _parked;       // failed; tried again on the system's clock, as all that the machine is short of
    private readonly Queue<IAcceptOperation> _held = [];         // accepted, waiting for room
    private int _operations = 1;    // accepts outstanding, completing, held or parked, and one for the open listener
    private volatile bool _closing;

    protected CompletionListener(Engine engine, Socket socket, ConnectionOrigin origin)
        : base(engine, socket, origin)
        => _parked = new RetryQueue<IAcceptOperation>(TimeProvider.System, Retry);

    /// <summary>How many accepts there are, whatever they are at.</summary>
    protected int Accepts => Volatile.Read(ref _operations) - 1;

    /// <summary>Whether it is open, and no client that was accepted waits for room, and no accept for memory.</summary>
    protected bool IsFlowing
    {
        get
        {
            lock (_lock)
            {
                return _held.Count == 0 && _parked.Count == 0 && !_closing;
            }
        }
    }

    /// <summary>Whether there is an accept more than there need be.</summary>
    protected virtual bool HasSurplus => false;

    public override void StartAccepting()
    {
        for (int i = 0; i < Options.AcceptsOutstanding; i++)
        {
            IAcceptOperation operation = CreateCounted();
            try
            {
                RunLater(operation);    // of clients who wait already each is accepted, and read from, on the spot: whoever starts the server must not turn into that
            }
            catch (OutOfMemoryException)
            {
                Finish(operation);
                throw;
            }
        }
    }

    public override void ResumeAccepting()
    {
        while (true)
        {
            IAcceptOperation? operation;
            Admission admission;
            lock (_lock)
            {
                // Taken only when there is room: who finds none stays first in line.
                if (_closing || !_held.TryPeek(out operation) || (admission = Admit(operation.Held!)) == Admission.NoRoom)
                {
                    return;
                }

                _held.Dequeue();
            }

            try
            {
                // On the pool: a resume comes from a connection that ends, which must not turn into the accept loop.
                PoolWork.Queue(static item => item.Listener.Continue(item.Operation, item.Admission), (Listener: this, Operation: operation, Admission: admission));
            }
            catch (OutOfMemoryException)
            {
                Continue(operation, admission);     // rather so than never: nobody else has it
            }
        }
    }

    public override Task CloseAsync()
    {
        lock (_lock)
        {
            if (_closing)
            {
                return Closed;
            }

            _closing = true;        // from here on nobody is held
        }

        Cancel();
        Socket.Dispose();
        IReadOnlyList<IAcceptOperation> parked = _parked.Close();
        for (int i = 0; i < parked.Count; i++)      // an enumerator would be an object
        {
            Finish(parked[i]);
        }

        while (TakeHeld() is { } operation)
        {
            Finish(operation);
        }

        RemoveOperation();
        return Closed;
    }

    /// <summary>An accept that was outstanding has completed.</summary>
    public virtual void OnAcceptCompleted(IAcceptOperation operation) => Run(operation, completed: true);

    protected abstract IAcceptOperation CreateAccept();

    /// <summary>Before the socket is closed: cancels what closing it does not.</summary>
    protected virtual void Cancel()
    {
    }

    /// <exception cref="OutOfMemoryException">There is none for it.</exception>
    protected void AddAccept() => Run(CreateCounted(), completed: false);

    private IAcceptOperation CreateCounted()
    {
        IAcceptOperation operation = CreateAccept();
        int accepts = Interlocked.Increment(ref _operations) - 1;
        try
        {
            // Each may be held or parked, which must not fail.
            lock (_lock)
            {
                _held.EnsureCapacity(accepts);
                _parked.EnsureCapacity(accepts);
            }
        }
        catch (OutOfMemoryException)
        {
            Finish(operation);
            throw;
        }

        return operation;
    }

    // On the pool.
    private void RunLater(IAcceptOperation operation)
        => PoolWork.Queue(static item => item.Listener.Run(item.Operation, completed: false), (Listener: this, Operation: operation));

    // False: there is no memory for it.
    private bool TryRunLater(IAcceptOperation operation)
    {
        try
        {
            RunLater(operation);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    // The accept loop of one operation: until it is outstanding, held, parked, given up, or others' turn has come.
    private void Run(IAcceptOperation operation, bool completed)
    {
        for (int failures = 0, accepts = 0; ;)
        {
            if (!completed && operation.Issue())
            {
                return;
            }

            completed = false;
            if (operation.Error == SocketError.Success && !_closing)
            {
                failures = 0;
                bool last = Engine.Reserve.IsTouchedBy(operation.AcceptedHandle);
                if (!Accepted(operation))
                {
                    return;
                }

                if (last)
                {
                    operation.Error = SocketError.TooManyOpenSockets;
                    Park(operation);
                    return;
                }

                _parked.Reset();
                if (HasSurplus)
                {
                    Finish(operation);
                    return;
                }

                if (++accepts == Engine.FairnessBound)
                {
                    if (TryRunLater(operation))
                    {
                        return;
                    }

                    accepts = 0;
                }
            }
            else
            {
                operation.Discard();
                if (_closing)
                {
                    Finish(operation);
                    return;
                }

                if (++failures == Engine.FairnessBound || !SocketFailures.IsPeersFault(operation.Error))
                {
                    Park(operation);
                    return;
                }
            }
        }
    }

    // True: the operation may accept the next. False: it holds its connection until there is room, or the listener is closing.
    private bool Accepted(IAcceptOperation operation)
    {
        try
        {
            operation.Held = operation.CreateConnection();
        }
        catch (ObjectDisposedException) when (_closing)
        {
            return true;
        }
        catch (SocketException exception)
        {
            if (!_closing && !SocketFailures.IsReset(exception.SocketErrorCode) && !SocketFailures.IsPeersFault(exception.SocketErrorCode))
            {
                Log.AcceptedSocketFailed(Engine.Host.Logger, EndPoint, exception.SocketErrorCode.ToString());
            }

            return true;    // otherwise it was gone before it was accepted
        }
        catch (Exception exception)
        {
            Log.ConnectionNotMade(Engine.Host.Logger, exception, EndPoint);     // the user's CreateDecoder threw
            return true;
        }
        finally
        {
            operation.Discard();    // what was not taken
        }

        return TryAdmit(operation);
    }

    private bool TryAdmit(IAcceptOperation operation)
    {
        Admission? admission = null;    // null: the listener is closing
        lock (_lock)
        {
            // Under the lock, so that a resume cannot fall between finding no room and being held; and nobody overtakes who is held.
            if (!_closing)
            {
                admission = _held.Count > 0 ? Admission.NoRoom : Admit(operation.Held!);
                if (admission == Admission.NoRoom)
                {
                    _held.Enqueue(operation);
                }
            }
        }

        switch (admission)
        {
            case null:
                Finish(operation);
                return false;
            case Admission.NoRoom:
                return false;
            default:
                Release(operation, admission.Value);
                return true;
        }
    }

    private IAcceptOperation? TakeHeld()
    {
        lock (_lock)
        {
            return _held.TryDequeue(out IAcceptOperation? operation) ? operation : null;
        }
    }

    private void Continue(IAcceptOperation operation, Admission admission)
    {
        Release(operation, admission);
        Run(operation, completed: false);
    }

    private void Release(IAcceptOperation operation, Admission admission)
    {
        CompletionConnection connection = operation.Held!;
        operation.Held = null;
        Release(connection, admission);
    }

    private void Park(IAcceptOperation operation)
    {
        SocketError error = operation.Error;    // once it waits it may be another thread's
        if (!_parked.TryAdd(operation, out TimeSpan? pause))
        {
            Finish(operation);      // the listener is closing
        }
        else if (pause is { } begun)
        {
            LogBackOff(error, begun);
        }
    }

    private void Retry(IReadOnlyList<IAcceptOperation> parked)
    {
        bool full = Engine.Reserve.IsTouched();
        for (int i = 0; i < parked.Count; i++)      // as above
        {
            if (full)
            {
                Park(parked[i]);
            }
            else
            {
                Run(parked[i], completed: false);
            }
        }
    }

    private void Finish(IAcceptOperation operation)
    {
        operation.Held?.Discard();
        operation.Dispose();
        RemoveOperation();
    }

    private void RemoveOperation()
    {
        if (Interlocked.Decrement(ref _operations) == 0)
        {
            SetClosed();
        }
    }
}
