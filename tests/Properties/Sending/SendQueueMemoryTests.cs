using Framing.Properties.Decoding;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Sending;

/// <summary>Memory that ends in the middle of a send.</summary>
public sealed class SendQueueMemoryTests : ISendQueueOwner
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 3)]
    [InlineData(100, 0)]
    [InlineData(100, 2)]
    public void Leaves_the_queue_as_it_was(int queued, int rentsLeft)
    {
        TrackingPool pool = new();
        SendBacklogPool backlogs = new(pool, bound: 1_000_000);
        SendQueue queue = default;
        byte[] before = [.. Enumerable.Repeat((byte)1, queued)];
        queue.Append(backlogs, before, 0, claim: false);

        pool.RentsLeft = rentsLeft;
        Assert.Throws<InsufficientMemoryException>(() => queue.Append(backlogs, new byte[300_000], 0, claim: false));
        pool.RentsLeft = null;
        Assert.Equal((queued, queued > 0 ? 1 : 0, queued == 0), (queue.BytesQueued, queue.Sends, queue.LooksEmpty));

        byte[] after = [2, 3];
        Assert.Equal(new AppendResult(SendStatus.Queued, Claimed: true), queue.Append(backlogs, after, 0, claim: true));
        List<ArraySegment<byte>> gathered = [];
        int bytes = queue.Gather(gathered, maxBuffers: 16, maxBytes: 1_000_000);
        Assert.Equal([.. before, .. after], gathered.SelectMany(piece => piece));
        Assert.False(queue.Complete(bytes, out long sends, out _, out _));
        Assert.Equal(queue.Sends, sends);
        Assert.True(queue.LooksEmpty);
    }

    [Fact]
    public async Task Fails_the_waiting_send_that_needs_it_and_no_other()
    {
        TrackingPool pool = new();
        SendBacklogPool backlogs = new(pool, bound: 10);
        SendQueue queue = default;
        Assert.True(queue.Append(backlogs, new byte[10], 0, claim: true).Claimed);
        Task<SendResult> large = queue.Wait(backlogs, this, new byte[300_000], out _)!.Task;
        Task<SendResult> small = queue.Wait(backlogs, this, new byte[] { 4, 5 }, out _)!.Task;
        List<ArraySegment<byte>> gathered = [];
        queue.Gather(gathered, maxBuffers: 16, maxBytes: 1_000_000);

        pool.RentsLeft = 0;
        Assert.True(queue.Complete(10, out _, out _, out _));
        await Assert.ThrowsAsync<InsufficientMemoryException>(() => large);
        Assert.Equal(SendStatus.Queued, (await small).Status);
        Assert.Equal(2, queue.Gather(gathered, maxBuffers: 16, maxBytes: 1_000_000));
        Assert.False(queue.Complete(2, out _, out _, out _));
    }

    [Fact]
    public void A_small_send_on_each_of_many_connections_takes_little()
    {
        TrackingPool pool = new();
        SendBacklogPool backlogs = new(pool, bound: 1_000_000);
        SendQueue[] queues = new SendQueue[3000];
        List<ArraySegment<byte>> gathered = [];
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < queues.Length; i++)
            {
                Assert.True(queues[i].Append(backlogs, new byte[64], 0, claim: true).Claimed);
            }

            // Those that came from the pool, a bounded number, have more.
            Assert.InRange(pool.BytesOutstanding, queues.Length * 64, (queues.Length * 512) + (round * 1024 * 4096));
            for (int i = 0; i < queues.Length; i++)
            {
                queues[i].Gather(gathered, maxBuffers: 16, maxBytes: 1_000_000);
                queues[i].Complete(64, out _, out _, out _);
            }
        }
    }

    bool ISendQueueOwner.Withdraw(SendWaiter waiter) => throw new NotSupportedException();
}
