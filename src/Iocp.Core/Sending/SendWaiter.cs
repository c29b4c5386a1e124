namespace Iocp.Core;

/// <summary>One <see cref="Connection.SendAsync"/> that waits for room; a node of its queue's list.</summary>
internal sealed class SendWaiter(ISendQueueOwner owner, ReadOnlyMemory<byte> data)
    : TaskCompletionSource<SendResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public SendWaiter? Next;
    private CancellationTokenRegistration _cancellation;

    public ReadOnlyMemory<byte> Data { get; } = data;

    public void CancelWith(CancellationToken cancellationToken)
        => _cancellation = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var waiter = (SendWaiter)state!;
                if (waiter.Owner.Withdraw(waiter))
                {
                    waiter.TrySetCanceled(token);
                }
            },
            this);

    public void Complete(SendStatus status)
    {
        _cancellation.Unregister();
        TrySetResult(new SendResult(status));
    }

    private ISendQueueOwner Owner { get; } = owner;
}
