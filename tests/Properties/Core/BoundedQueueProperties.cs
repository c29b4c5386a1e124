using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

public sealed class BoundedQueueProperties
{
    private sealed record Item(int Producer, int Number);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(64, 64)]
    [InlineData(65, 128)]
    public void Capacity_is_rounded_up_to_a_power_of_two(int asked, int given) =>
        Assert.Equal(given, new BoundedQueue<Item>(asked).Capacity);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void Capacity_out_of_range_is_refused(int capacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BoundedQueue<Item>(capacity));

    [Property(MaxTest = 500)]
    public void One_thread_sees_a_bounded_queue(byte capacity, bool[] enqueues)
    {
        BoundedQueue<Item> queue = new((capacity % 9) + 1);
        Queue<Item> model = new();
        for (int i = 0; i < enqueues.Length; i++)
        {
            if (enqueues[i])
            {
                Item item = new(0, i);
                Assert.Equal(model.Count < queue.Capacity, queue.TryEnqueue(item));
                if (model.Count < queue.Capacity)
                {
                    model.Enqueue(item);
                }
            }
            else
            {
                Assert.Equal(model.TryDequeue(out Item? expected), queue.TryDequeue(out Item? item));
                Assert.Same(expected, item);
            }

            Assert.Equal(model.Count, queue.Count);
        }

        foreach (Item expected in model)
        {
            Assert.True(queue.TryDequeue(out Item? item));
            Assert.Same(expected, item);
        }

        Assert.False(queue.TryDequeue(out _));
    }

    [Theory]
    [InlineData(1, 1, 2, 3_000)] // a small ring is full or empty all the time: each item costs a thread switch
    [InlineData(2, 2, 2, 3_000)]
    [InlineData(4, 1, 4, 3_000)]
    [InlineData(1, 4, 64, 50_000)]
    [InlineData(3, 3, 1024, 50_000)]
    public void Threads_lose_nothing_take_nothing_twice_and_keep_each_producers_order(int producers, int consumers, int capacity, int each)
    {
        BoundedQueue<Item> queue = new(capacity);
        int producing = producers;
        List<Item>[] taken = [.. Enumerable.Range(0, consumers).Select(_ => new List<Item>())];

        void Produce(int producer)
        {
            for (int i = 0; i < each; i++)
            {
                Item item = new(producer, i);
                while (!queue.TryEnqueue(item))
                {
                    Thread.Yield();
                }
            }

            Interlocked.Decrement(ref producing);
        }

        void Consume(List<Item> into)
        {
            while (true)
            {
                bool last = Volatile.Read(ref producing) == 0; // then one more "empty" is the truth
                if (queue.TryDequeue(out Item? item))
                {
                    into.Add(item);
                }
                else if (last)
                {
                    return;
                }
                else
                {
                    Thread.Yield();
                }
            }
        }

        Threads.Run([
            .. Enumerable.Range(0, producers).Select(p => (Action)(() => Produce(p))),
            .. taken.Select(into => (Action)(() => Consume(into)))]);

        Assert.All(taken, list => Assert.All(list.GroupBy(item => item.Producer), AssertGrows));
        Assert.Equal(producers * each, taken.Sum(list => list.Count));
        Assert.Equal(producers * each, taken.SelectMany(list => list).Distinct().Count());
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public void Empty_is_said_only_when_every_completed_enqueue_was_taken()
    {
        const int Items = 4096;
        BoundedQueue<Item> queue = new(Items);
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < Items; i++)
            {
                Assert.True(queue.TryEnqueue(new Item(0, i)));
            }

            Assert.False(queue.TryEnqueue(new Item(0, Items)));
            int taken = 0;
            Action drainToFirstEmpty = () =>
            {
                while (queue.TryDequeue(out _))
                {
                    Interlocked.Increment(ref taken);
                }

                Assert.False(queue.TryDequeue(out _));      // nothing is added: what was empty stays so
            };
            Threads.Run(drainToFirstEmpty, drainToFirstEmpty, drainToFirstEmpty);
            Assert.Equal(Items, taken);
        }
    }

    [Fact]
    public void A_dequeued_item_is_not_kept_alive()
    {
        BoundedQueue<Item> queue = new(8);
        WeakReference[] passed = [.. Enumerable.Range(0, 20).Select(_ => PassThrough(queue))];
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.All(passed, reference => Assert.False(reference.IsAlive));
        GC.KeepAlive(queue);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference PassThrough(BoundedQueue<Item> queue)
    {
        Assert.True(queue.TryEnqueue(new Item(1, 1)));
        Assert.True(queue.TryDequeue(out Item? item));
        return new WeakReference(item);
    }

    private static void AssertGrows(IEnumerable<Item> items)
    {
        int last = -1;
        foreach (Item item in items)
        {
            Assert.True(item.Number > last, $"producer {item.Producer}: {item.Number} after {last}");
            last = item.Number;
        }
    }
}
