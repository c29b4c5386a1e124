using System.Buffers.Binary;
using Framing.Properties.Core;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Sending;

/// <summary>Several threads append, one at a time sends what is queued: whoever finds that nobody does.</summary>
public sealed class SendQueueThreads : ISendQueueOwner
{
    private const int HeadSize = 12;    // thread, number, length

    private SendQueue _queue;

    [Theory]
    [InlineData(3, 1, 500, 0)]
    [InlineData(3, 200, 2000, 60)]
    [InlineData(2, 20_000, 1000, 9000)]
    public void No_send_is_interleaved_with_another_and_each_threads_sends_stay_in_order(int threads, int bound, int each, int longest)
    {
        PinnedArrayPool pool = new();
        SendBacklogPool backlogs = new(pool, bound);
        MemoryStream wire = new();
        long mostQueued = 0;

        void Send(int thread)
        {
            Random random = new(thread);
            List<ArraySegment<byte>> buffers = [];
            for (int number = 0; number < each; number++)
            {
                byte[] data = Message(thread, number, random.Next(longest + 1));
                AppendResult result;
                Task<SendResult>? waiting = null;
                if (number % 3 == 0)
                {
                    waiting = _queue.Wait(backlogs, this, data, out result)?.Task;
                }
                else
                {
                    while ((result = _queue.Append(backlogs, data, 0, claim: true)).Status == SendStatus.QueueFull)
                    {
                        Thread.Yield();
                    }
                }

                if (result.Claimed)
                {
                    Pump(buffers, random);
                }

                SendStatus status = result.Status;
                if (waiting is not null)
                {
                    Assert.True(waiting.Wait(Hang.Limit), "a send waits that nobody will serve");
                    status = waiting.Result.Status;
                }

                Assert.Equal(SendStatus.Queued, status);
            }
        }

        void Pump(List<ArraySegment<byte>> buffers, Random random)
        {
            int taken;
            do
            {
                int gathered = _queue.Gather(buffers, 1 + random.Next(4), 1 + random.Next(10_000));
                mostQueued = Math.Max(mostQueued, _queue.BytesQueued);
                taken = 1 + random.Next(gathered);
                byte[] bytes = [.. buffers.SelectMany(buffer => buffer).Take(taken)];
                wire.Write(bytes);
            }
            while (_queue.Complete(taken, out _, out _, out _));
        }

        Threads.Run([.. Enumerable.Range(0, threads).Select(thread => (Action)(() => Send(thread)))]);

        Assert.True(_queue.LooksEmpty);
        Assert.Equal(threads * each, _queue.Sends);
        Assert.Equal(wire.Length, _queue.BytesSent);
        Assert.InRange(mostQueued, 1, bound - 1 + HeadSize + longest);
        AssertWholeAndInOrder(wire.ToArray(), threads, each);
        _queue.Release();
        backlogs.Clear();
        Assert.Equal(0, pool.RentedCount);
    }

    bool ISendQueueOwner.Withdraw(SendWaiter waiter) => _queue.Withdraw(waiter);

    private static void AssertWholeAndInOrder(ReadOnlySpan<byte> wire, int threads, int each)
    {
        int[] next = new int[threads];
        while (!wire.IsEmpty)
        {
            int thread = BinaryPrimitives.ReadInt32LittleEndian(wire);
            int length = BinaryPrimitives.ReadInt32LittleEndian(wire[8..]);
            Assert.InRange(thread, 0, threads - 1);
            Assert.Equal(Message(thread, next[thread]++, length), wire[..(HeadSize + length)].ToArray());
            wire = wire[(HeadSize + length)..];
        }

        Assert.All(next, count => Assert.Equal(each, count));
    }

    private static byte[] Message(int thread, int number, int length)
    {
        byte[] message = new byte[HeadSize + length];
        BinaryPrimitives.WriteInt32LittleEndian(message, thread);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), number);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(8), length);
        message.AsSpan(HeadSize).Fill((byte)((thread * 91) + number));
        return message;
    }
}
