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
    public async Task Memory_of_the_applications_own_is_not_asked_for_its_bytes_under_the_lock()
    {
        SendBacklogPool pool = new(new PinnedArrayPool(), bound: 10);
        SendQueue queue = default;
        Owner owner = new();
        Assert.True(queue.Append(pool, new byte[10], sizeHint: 0, claim: true).Claimed);
        OwnMemory memory = new();
        SendWaiter? first = queue.Wait(pool, owner, new byte[3], out _);
        SendWaiter? second = queue.Wait(pool, owner, memory.Memory.Slice(1, 2), out _);
        SendWaiter? last = queue.Wait(pool, owner, new byte[4], out _);
        memory.GivesNoMore = true;

        List<ArraySegment<byte>> gathered = [];
        Assert.Equal(10, queue.Gather(gathered, 16, 1000, now: 0));
        Assert.True(queue.Complete(10, out _, out _, out _));
        Assert.Equal(SendStatus.Queued, (await first!.Task).Status);
        Assert.Equal(SendStatus.Queued, (await second!.Task).Status);
        Assert.Equal(SendStatus.Queued, (await last!.Task).Status);
        Assert.Equal(9, queue.Gather(gathered, 16, 1000, now: 0));
        Assert.Equal([0, 0, 0, 11, 12, 0, 0, 0, 0], gathered.SelectMany(piece => piece));
        Assert.False(queue.Complete(9, out _, out _, out _));
    }

    private sealed class OwnMemory : MemoryManager<byte>
    {
        private readonly byte[] _bytes = [10, 11, 12, 13, 14];

        public bool GivesNoMore { get; set; }

        public override Span<byte> GetSpan() => GivesNoMore ? throw new InvalidOperationException("asked again") : _bytes;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
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
