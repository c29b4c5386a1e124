namespace Iocp.Core;

/// <summary>One <see cref="Connection.SendAsync"/> that waits for room; a node of its queue's list.</summary>
internal sealed class SendWaiter(ISendQueueOwner owner, ReadOnlyMemory<byte> data)
    : TaskCompletionSource<SendResult>(TaskCreationOptions.RunContinuationsAsynchronously), ILinked<SendWaiter>
{
    private CancellationTokenRegistration _cancellation;

    public SendWaiter? Next { get; set; }

    public SendWaiter? Previous { get; set; }

    /// <summary>It is in its queue's list, and in no other; under the queue's lock.</summary>
    public bool IsWaiting { get; set; }

    public ReadOnlyMemory<byte> Data { get; } = data;

    /// <summary>Tells all of them, in order; not under a lock.</summary>
    public static void CompleteAll(ref LinkedFifo<SendWaiter> waiters, SendStatus status)
    {
        while (waiters.RemoveFirst() is { } waiter)
        {
            try
            {
                waiter.Complete(status);
            }
            catch (OutOfMemoryException)
            {
                // None to queue what awaits this one; those behind it may fare better.
            }
        }
    }

    /// <summary>Once, after it was queued: it may be complete already.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var waiter = (SendWaiter)state!;
                if (waiter.Owner.Withdraw(waiter))
                {
                    waiter.TrySetCanceled(token);
                }
            },
            this);
        // Here register, then look; there complete, then unregister: at least one of the two sees the other, and the token keeps nothing.
        Interlocked.MemoryBarrier();
        if (Task.IsCompleted)
        {
            _cancellation.Unregister();
        }
    }

    public void Complete(SendStatus status)
    {
        TrySetResult(new SendResult(status));
        Unregister();
    }

    /// <summary>There was room, but the data could not be copied: the task throws what <see cref="Connection.Send(ReadOnlySpan{byte})"/> would have.</summary>
    public void Fail(Exception exception)
    {
        TrySetException(exception);
        Unregister();
    }

    private void Unregister()
    {
        Interlocked.MemoryBarrier();
        _cancellation.Unregister();
    }

    private ISendQueueOwner Owner { get; } = owner;
}

/// <summary>Who can take a waiting send out of its queue again.</summary>
internal interface ISendQueueOwner
{
    /// <inheritdoc cref="SendQueue.Withdraw"/>
    bool Withdraw(SendWaiter waiter);
}
