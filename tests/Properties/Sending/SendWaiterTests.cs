using System.Buffers;
using Framing.Properties.Core;
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
        Assert.Equal(10, queue.Gather(gathered, 16, 1000));
        Assert.True(queue.Complete(10, out _, out _, out _));
        Assert.Equal(SendStatus.Queued, (await first!.Task).Status);
        Assert.Equal(SendStatus.Queued, (await second!.Task).Status);
        Assert.Equal(SendStatus.Queued, (await last!.Task).Status);
        Assert.Equal(9, queue.Gather(gathered, 16, 1000));
        Assert.Equal([0, 0, 0, 11, 12, 0, 0, 0, 0], gathered.SelectMany(piece => piece));
        Assert.False(queue.Complete(9, out _, out _, out _));
    }

    [Fact]
    public async Task A_token_that_ends_a_great_many_waits_at_once_does_not_search_the_rest_for_each()
    {
        SendBacklogPool pool = new(new PinnedArrayPool(), bound: 1);
        SendQueueOwner owner = new();
        using CancellationTokenSource cancellation = new();
        Assert.True(owner.Queue.Append(pool, new byte[1], sizeHint: 0, claim: true).Claimed);
        SendWaiter[] waiters = [.. Enumerable.Range(0, 300_000).Select(_ => owner.Queue.Wait(pool, owner, new byte[1], out AppendResult _)!)];
        foreach (SendWaiter waiter in waiters.AsSpan(1))
        {
            waiter.CancelWith(cancellation.Token);
        }

        await cancellation.CancelAsync().Bounded();
        Assert.All(waiters.Skip(1), waiter => Assert.True(waiter.Task.IsCanceled));
        Assert.Equal(1, owner.Queue.Gather([], 1, 1));
        Assert.True(owner.Queue.Complete(1, out _, out _, out _));
        Assert.Equal(SendStatus.Queued, (await waiters[0].Task).Status);
        owner.Queue.Release();
    }

    [Fact]
    public void Waits_that_are_cancelled_while_they_are_served_were_either_queued_or_not()
    {
        const int Rounds = 2_000, Waits = 16;
        SendBacklogPool pool = new(new PinnedArrayPool(), Waits);
        SendQueueOwner owner = new();
        SendWaiter[] waiters = new SendWaiter[Waits];
        List<ArraySegment<byte>> gathered = [];
        using Barrier turn = new(2);

        void Serve()
        {
            for (int round = 0; round < Rounds; round++)
            {
                Assert.True(owner.Queue.Append(pool, new byte[Waits], sizeHint: 0, claim: true).Claimed);
                for (int i = 0; i < Waits; i++)
                {
                    waiters[i] = owner.Queue.Wait(pool, owner, new byte[1], out AppendResult _)!;
                }

                owner.Queue.Gather(gathered, 16, 1000);
                Assert.True(turn.SignalAndWait(Hang.Limit));
                owner.Queue.Complete(Waits, out _, out _, out _);
                Assert.True(turn.SignalAndWait(Hang.Limit));
                int queued = waiters.Count(waiter => waiter.Task.IsCompletedSuccessfully);
                Assert.Equal(Waits - queued, waiters.Count(waiter => waiter.Task.IsCanceled));
                Assert.Equal(queued, owner.Queue.BytesQueued);
                owner.Queue.Abandon();
                owner.Queue = default;
            }
        }

        void Cancel()
        {
            for (int round = 0; round < Rounds; round++)
            {
                Assert.True(turn.SignalAndWait(Hang.Limit));
                for (int i = Waits - 1; i >= 0; i--)
                {
                    if (owner.Withdraw(waiters[i]))
                    {
                        waiters[i].SetCanceled();
                    }
                }

                Assert.True(turn.SignalAndWait(Hang.Limit));
            }
        }

        Threads.Run(Serve, Cancel);
    }

    private sealed class SendQueueOwner : ISendQueueOwner
    {
        public SendQueue Queue;

        public bool Withdraw(SendWaiter waiter) => Queue.Withdraw(waiter);
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
