using Iocp.Core;
using Xunit;

namespace Framing.Properties.Sending;

/// <summary>A cancellable wait for room against the sender that makes room at the same moment.</summary>
public sealed class SendWaiterTests
{
    [Fact]
    public void A_wait_that_was_served_before_its_token_was_listened_to_leaves_nothing_with_the_token()
    {
        using CancellationTokenSource cancellation = new();
        Owner owner = new();
        SendWaiter waiter = new(owner, new byte[1]);
        waiter.Complete(SendStatus.Queued);
        waiter.CancelWith(cancellation.Token);
        cancellation.Cancel();
        Assert.Equal(0, owner.Withdrawals);
    }

    [Fact]
    public async Task A_wait_that_is_served_later_leaves_nothing_either()
    {
        using CancellationTokenSource cancellation = new();
        Owner owner = new();
        SendWaiter waiter = new(owner, new byte[1]);
        waiter.CancelWith(cancellation.Token);
        waiter.Complete(SendStatus.Queued);
        await cancellation.CancelAsync();
        Assert.Equal(0, owner.Withdrawals);
        Assert.Equal(SendStatus.Queued, (await waiter.Task).Status);
    }

    private sealed class Owner : ISendQueueOwner
    {
        public int Withdrawals { get; private set; }

        public bool Withdraw(SendWaiter waiter)
        {
            Withdrawals++;
            return false;
        }
    }
}
