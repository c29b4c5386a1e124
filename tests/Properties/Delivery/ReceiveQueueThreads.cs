using System.Collections.Concurrent;
using Framing.Properties.Core;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Delivery;

/// <summary>Connections that add on threads of their own, each waiting in line when there is no room, and consumers of every kind.</summary>
public sealed class ReceiveQueueThreads : IReceiveQueueOwner
{
    private readonly ConcurrentDictionary<Connection, SemaphoreSlim> _connections = new();

    [Theory]
    [InlineData(2, 2, 1, 1000, 2_000)]
    [InlineData(3, 1, 2, 1000, 2_000)]
    [InlineData(40, 2, 16, 1000, 500)]
    [InlineData(3, 1, 100, 60, 5_000)]
    [InlineData(2, 3, 3, 100, 5_000)]
    [InlineData(4, 2, 64, 1_000_000, 10_000)]
    public void Nothing_is_lost_or_taken_twice_and_each_connections_frames_stay_in_order(int producers, int consumers, int maxFrames, int maxBytes, int each)
    {
        PinnedArrayPool pool = new();
        FrameLeasePool leases = new(pool, 64);
        using ReceiveQueue queue = new(maxFrames, maxBytes, this);
        StubConnection[] connections = [.. Enumerable.Range(0, producers).Select(_ => new StubConnection())];
        List<(Connection Connection, long Index)>[] taken = [.. Enumerable.Range(0, consumers).Select(_ => new List<(Connection, long)>())];
        int producing = producers;

        void Produce(StubConnection connection, int index)
        {
            using SemaphoreSlim admitted = _connections[connection] = new SemaphoreSlim(0);
            Random random = new(index);
            for (int i = 0; i < each; i++)
            {
                byte[] content = new byte[random.Next(41)];
                content.AsSpan().Fill((byte)i);
                FrameLease lease = leases.Rent(new Frame(content, i, 0), connection);
                if (!queue.TryEnqueue(lease))
                {
                    queue.WaitInLine(lease);
                    queue.Signal();
                    Assert.True(admitted.Wait(Hang.Limit), "a frame stands in line and is not admitted");
                }
                else if (random.Next(3) == 0)
                {
                    queue.Signal();
                }
            }

            queue.Signal();
            if (Interlocked.Decrement(ref producing) == 0)
            {
                queue.Complete();
            }
        }

        void Consume(List<(Connection, long)> into, int index)
        {
            Random random = new(index);
            while (TakeOne(queue, random) is { } lease)
            {
                ReceivedFrame frame = lease.Frame;
                Assert.All(frame.Bytes.ToArray(), value => Assert.Equal((byte)frame.Index, value));
                into.Add((frame.Connection, frame.Index));
                lease.Connection = null;    // this connection has no host to be told of the dispose
                frame.Dispose();
            }
        }

        Threads.Run([
            .. connections.Select((connection, index) => (Action)(() => Produce(connection, index))),
            .. taken.Select((into, index) => (Action)(() => Consume(into, index)))]);

        Assert.All(taken, list => Assert.All(list.GroupBy(frame => frame.Connection), AssertGrows));
        Assert.Equal(producers * each, taken.Sum(list => list.Count));
        Assert.Equal(producers * each, taken.SelectMany(list => list).Distinct().Count());
        Assert.Equal((0, 0, 0), (queue.Frames, queue.Bytes, queue.InLine));
        leases.Clear();
        Assert.Equal(0, pool.RentedCount);
    }

    [Fact]
    public void However_the_last_frame_races_with_completion_every_consumer_comes_to_its_end()
    {
        FrameLeasePool leases = new(new PinnedArrayPool(), 16);
        for (int round = 0; round < 300; round++)
        {
            using ReceiveQueue queue = new(4, 1000, this);
            int ended = 0;

            void Consume()
            {
                while (queue.TakeAsync(CancellationToken.None).AsTask() is var task)
                {
                    Assert.True(task.Wait(Hang.Limit), "a consumer waits for a queue that is over");
                    if (task.Result is not { } lease)
                    {
                        Interlocked.Increment(ref ended);
                        return;
                    }

                    lease.Release();
                }
            }

            Threads.Run(
                Consume,
                Consume,
                () =>
                {
                    queue.TryEnqueue(leases.Rent(new Frame([1], 0, 0), null));
                    queue.Signal();
                    queue.Complete();
                });
            Assert.Equal(2, ended);
        }
    }

    [Fact]
    public void However_frames_move_up_from_the_line_the_queue_is_not_over_before_the_last_is_taken()
    {
        FrameLeasePool leases = new(new PinnedArrayPool(), 64);
        StubConnection[] connections = [.. Enumerable.Range(0, 50).Select(_ => new StubConnection())];
        using SemaphoreSlim admitted = new(0);
        Array.ForEach(connections, connection => _connections[connection] = admitted);
        for (int round = 0; round < 500; round++)
        {
            using ReceiveQueue queue = new(maxFrames: 1, 1000, this);
            foreach (StubConnection connection in connections)
            {
                FrameLease lease = leases.Rent(new Frame([1], 0, 0), connection);
                if (!queue.TryEnqueue(lease))
                {
                    queue.WaitInLine(lease);
                }
            }

            queue.Complete();
            Threads.Run(
                () =>
                {
                    while (queue.TryTake(out FrameLease? lease))
                    {
                        lease.Connection = null;
                        lease.Release();
                    }
                },
                () =>
                {
                    while (!queue.IsOver(out _))
                    {
                    }

                    Assert.Equal((0, 0), (queue.InLine, queue.Frames));
                });
        }
    }

    void IReceiveQueueOwner.Admitted(Connection? connection) => _connections[connection!].Release();

    bool IReceiveQueueOwner.Taken(FrameLease lease) => true;

    // A consumer that polls, one that waits, one that gives up again and again; null at the end.
    private static FrameLease? TakeOne(ReceiveQueue queue, Random random)
    {
        while (true)
        {
            if (random.Next(2) == 0 && queue.TryTake(out FrameLease? lease))
            {
                return lease;
            }

            using CancellationTokenSource cancellation = new();
            Task<FrameLease?> task = queue.TakeAsync(cancellation.Token).AsTask();
            if (random.Next(3) == 0)
            {
                cancellation.Cancel();
            }

            try
            {
                Assert.True(task.Wait(Hang.Limit), "a consumer waits for ever");
                return task.Result;
            }
            catch (AggregateException exception) when (exception.InnerException is OperationCanceledException)
            {
                // No frame may be lost by that.
            }
        }
    }

    private static void AssertGrows(IEnumerable<(Connection Connection, long Index)> frames)
    {
        long last = -1;
        foreach ((_, long index) in frames)
        {
            Assert.True(index > last, $"{index} after {last}");
            last = index;
        }
    }
}
