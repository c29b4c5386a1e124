namespace Iocp.Core;

/// <summary>The consumers that wait on a receive queue, first in, first out.</summary>
internal sealed class ReceiveWaiters
{
    private readonly BoundedQueue<ReceiveWaiter> _pool = new(64);     // what is beyond its bound is left to the garbage collector
    private readonly Lock _lock = new();
    private LinkedFifo<ReceiveWaiter> _list;
    private int _waiting;       // written under the lock

    /// <summary>Waits for a frame, unless there is one after all.</summary>
    public ValueTask<FrameLease?> Wait(ReceiveQueue queue, CancellationToken cancellationToken)
    {
        ReceiveWaiter waiter = _pool.TryDequeue(out ReceiveWaiter? pooled) ? pooled : new ReceiveWaiter(this);
        ValueTask<FrameLease?> task = waiter.Task;
        if (cancellationToken.CanBeCanceled)
        {
            waiter.CancelWith(cancellationToken);       // first, for it may throw: nobody who is in the list may be forgotten
        }

        lock (_lock)
        {
            _list.Add(waiter);
            _waiting++;
        }

        // It may be completed already; it is not used again before the task that we return was awaited.
        if (cancellationToken.IsCancellationRequested)
        {
            Cancel(waiter, cancellationToken);      // the token's own call may have come before it was in the list
        }

        // A frame that was added before we were in the list was signalled to nobody.
        Signal(queue);
        return task;
    }

    /// <summary>Hands frames to those who wait, while there are both; and ends the waiting when nothing can come any more.</summary>
    public void Signal(ReceiveQueue queue)
    {
        // Between adding a frame and looking for somebody who waits for it: the other side adds itself and then looks for frames.
        Interlocked.MemoryBarrier();
        while (Volatile.Read(ref _waiting) > 0)
        {
            ReceiveWaiter waiter;
            FrameLease? lease;
            Exception? error = null;
            lock (_lock)
            {
                if (_list.IsEmpty)
                {
                    return;
                }

                if (!queue.TryTake(out lease, out _))
                {
                    if (!queue.IsOver(out bool disposed))
                    {
                        return;
                    }

                    error = disposed ? new ObjectDisposedException(nameof(FrameHost)) : null;
                }

                waiter = RemoveFirst();
            }

            waiter.Complete(lease, error);
        }
    }

    public void Cancel(ReceiveWaiter waiter, CancellationToken cancellationToken)
    {
        var error = new OperationCanceledException(cancellationToken);      // first: there may be no memory for it
        lock (_lock)
        {
            if (!_list.Remove(waiter))
            {
                return;
            }

            _waiting--;
        }

        waiter.Complete(null, error);
    }

    public void Reuse(ReceiveWaiter waiter) => _pool.TryEnqueue(waiter);

    private ReceiveWaiter RemoveFirst()
    {
        _waiting--;
        return _list.RemoveFirst()!;
    }
}
