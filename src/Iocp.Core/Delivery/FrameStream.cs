using System.Threading.Tasks.Sources;

namespace Iocp.Core;

/// <summary>
/// The frames of one connection on their way to its handler: first in, first out, bounded by the connection's share of bytes, which closes its gate.
/// One producer (the connection's reader) and one consumer (the handler), which is woken on the thread pool: where it goes on is for its awaiter to say, which is
/// the application's code and may throw.
/// </summary>
internal sealed class FrameStream(Connection connection)
    : IAsyncEnumerable<ReceivedFrame>, IAsyncEnumerator<ReceivedFrame>, IValueTaskSource<bool>, IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closed = new();
    private LinkedFifo<FrameLease> _leases;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private Exception? _error;      // what the wait ends with instead of a result
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private bool _waiting;
    private PoolTurn _turn;
    private bool _enumerated;
    private bool _completed;        // no frame will be added
    private bool _handlerEnded;     // no frame is kept
    private int _ended;             // of the two that the notification waits for: the handler, its frames given back, and the connection

    public Connection Connection { get; } = connection;

    public CancellationToken ClosedToken => _closed.Token;

    public ReceivedFrame Current { get; private set; }

    public IAsyncEnumerator<ReceivedFrame> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _enumerated, true))
        {
            throw new InvalidOperationException("The frames of a connection can be enumerated once; keep the enumerator to read on.");
        }

        _cancellation = cancellationToken;
        return this;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        _cancellation.ThrowIfCancellationRequested();
        FrameLease? lease;
        lock (_lock)
        {
            lease = _leases.RemoveFirst();
            if (lease is null)
            {
                if (_completed)
                {
                    Current = default;
                    return ValueTask.FromResult(false);
                }

                _wait.Reset();
                _error = null;
                _waiting = true;
            }
        }

        if (lease is null)
        {
            return WaitAsync();
        }

        return ValueTask.FromResult(Take(lease));
    }

    /// <summary>What was not enumerated is given back when the handler ends.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void Add(FrameLease lease)
    {
        lock (_lock)
        {
            if (!_handlerEnded)
            {
                _leases.Add(lease);
                return;
            }
        }

        Drop(lease);
    }

    /// <summary>Wakes the handler if there is something for it.</summary>
    public void Signal() => Wake(error: null);

    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
        }

        Signal();
    }

    public void CloseRequested()
    {
        if (Connection.DropsFrames)
        {
            DropAll();
        }

        Complete();
        _ = CancelAsync();
    }

    /// <summary>Does nothing the second time: a handler that could not be woken may have been all the same.</summary>
    public void HandlerEnded()
    {
        lock (_lock)
        {
            if (_handlerEnded)
            {
                return;
            }

            _handlerEnded = true;
        }

        _registration.Dispose();
        try
        {
            DropAll();
        }
        finally
        {
            EndOne();
        }
    }

    /// <summary>The notification comes after the handler's last touch of the connection.</summary>
    public void Closed()
    {
        try
        {
            // As a rule done already: but a close request may have failed for want of memory, and the handler must not wait for ever.
            Complete();
            _ = CancelAsync();
        }
        catch (OutOfMemoryException)
        {
            // There still is none.
        }

        EndOne();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (!_turn.TryTake())
        {
            return;
        }

        try
        {
            if (_error is { } error)
            {
                _wait.SetException(error);
            }
            else
            {
                _wait.SetResult(true);
            }
        }
        catch (Exception exception)
        {
            // The scheduler or context that the handler awaits on did not take it: it goes on no more.
            try
            {
                Connection.OnHandlerFailed(exception);
            }
            catch (OutOfMemoryException)
            {
                // Its peer or a deadline closes it.
            }

            HandlerEnded();
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _registration.Dispose();
        _registration = default;
        _wait.GetResult(token);
        if (Remove() is { } lease)
        {
            return Take(lease);
        }

        Current = default;      // the end, or dropped by a close between the wake-up and now
        return false;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _wait.OnCompleted(continuation, state, token, flags);

    private ValueTask<bool> WaitAsync()
    {
        var task = new ValueTask<bool>(this, _wait.Version);
        if (_cancellation.CanBeCanceled)
        {
            _registration = _cancellation.UnsafeRegister(
                static (state, token) => ((FrameStream)state!).Wake(new OperationCanceledException(token)), this);
        }

        return task;
    }

    private void Wake(Exception? error)
    {
        lock (_lock)
        {
            if (!_waiting || (_leases.IsEmpty && !_completed && error is null))
            {
                return;
            }

            _error ??= error;       // a cancellation for which there was no memory comes with the next signal
            _turn.Queue(this);      // if this throws for want of memory it still waits, for the next signal
            _waiting = false;
        }
    }

    // False: the application has closed, and gets no frame any more, also one that was here before or came in at that moment.
    private bool Take(FrameLease lease)
    {
        if (Connection.DropsFrames)
        {
            Drop(lease);
            Current = default;
            return false;
        }

        Current = lease.Frame;
        Connection.OnFrameTaken(lease.Length);
        return true;
    }

    // The application's callbacks run on the pool, not in a request.
    private async Task CancelAsync()
    {
        try
        {
            await _closed.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.ClosedTokenFailed(Connection.Host.Logger, exception, Connection.Id);
        }
    }

    private void EndOne()
    {
        if (Interlocked.Increment(ref _ended) == 2)
        {
            Connection.Notify();
        }
    }

    private FrameLease? Remove()
    {
        lock (_lock)
        {
            return _leases.RemoveFirst();
        }
    }

    private void DropAll()
    {
        while (Remove() is { } lease)
        {
            Drop(lease);
        }
    }

    private void Drop(FrameLease lease)
    {
        Connection.OnFrameTaken(lease.Length);
        lease.Release();
    }
}
