using System.Buffers;
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

    [Fact]
    public async Task Data_that_is_disposed_of_while_it_waits_fails_that_wait_only()
    {
        SendBacklogPool pool = new(new PinnedArrayPool(), bound: 10);
        SendQueue queue = default;
        Owner owner = new();
        Assert.True(queue.Append(pool, new byte[10], sizeHint: 0, claim: true).Claimed);
        DisposableMemory memory = new();
        SendWaiter? first = queue.Wait(pool, owner, new byte[3], out _);
        SendWaiter? disposed = queue.Wait(pool, owner, memory.Memory, out _);
        SendWaiter? last = queue.Wait(pool, owner, new byte[4], out _);
        ((IDisposable)memory).Dispose();

        List<ArraySegment<byte>> gathered = [];
        Assert.Equal(10, queue.Gather(gathered, 16, 1000, now: 0));
        Assert.True(queue.Complete(10, out _, out _));
        Assert.Equal(SendStatus.Queued, (await first!.Task).Status);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => disposed!.Task);
        Assert.Equal(SendStatus.Queued, (await last!.Task).Status);
        Assert.Equal(7, queue.Gather(gathered, 16, 1000, now: 0));
        Assert.False(queue.Complete(7, out _, out _));
    }

    private sealed class DisposableMemory : MemoryManager<byte>
    {
        private byte[]? _bytes = new byte[5];

        public override Span<byte> GetSpan() => _bytes ?? throw new ObjectDisposedException(nameof(DisposableMemory));

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing) => _bytes = null;
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
