using Iocp.Core;
using Xunit;

namespace Framing.Properties.Delivery;

/// <summary>When those in line are let in, and how often a connection is paused by a queue that its consumers do not keep empty.</summary>
public sealed class ReceiveQueueLineTests : IReceiveQueueOwner
{
    private readonly FrameLeasePool _leases = new(new PinnedArrayPool(), 16);
    private readonly Dictionary<Connection, long> _added = [];
    private readonly HashSet<Connection> _paused = [];
    private readonly Queue<Connection> _resumed = new();
    private Action<Connection> _admitted = _ => { };
    private Connection? _taken;
    private int _admissions;

    [Theory]
    [InlineData(1, 1000, 1)]
    [InlineData(3, 1000, 1)]
    [InlineData(7, 1000, 1)]
    [InlineData(8, 1000, 2)]
    [InlineData(100, 10_000, 25)]
    [InlineData(100, 100, 3)]       // ten bytes each: ten frames fill it
    [InlineData(100, 1, 1)]         // the queue is never empty enough for one of them but when it is empty
    public void The_line_is_served_in_its_order_as_soon_as_a_quarter_of_the_queue_is_free(int maxFrames, long maxBytes, int takes)
    {
        using ReceiveQueue queue = new(maxFrames, maxBytes, this);
        StubConnection filling = new();
        Fill(queue, filling);

        int places = queue.Frames;
        StubConnection[] inLine = [.. Enumerable.Range(0, takes + 1).Select(_ => new StubConnection())];
        Array.ForEach(inLine, connection => queue.WaitInLine(Lease(connection)));
        for (int i = 1; i < takes; i++)
        {
            Take(queue);
            Assert.Equal(0, _admissions);
        }

        Take(queue);
        Assert.Equal((takes, 1, places), (_admissions, queue.InLine, queue.Frames));
        for (int i = takes; i < places; i++)
        {
            Take(queue);
        }

        Assert.All(inLine, connection => Assert.Same(connection, Take(queue)));
        Assert.False(queue.TryTake(out _));
    }

    /// <summary>Each time a quarter is free all are resumed, and fill it.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(40, false)]     // more than get their places together
    [InlineData(4, true)]
    [InlineData(25, true)]
    public void Under_more_load_than_is_taken_a_connection_is_paused_once_for_a_quarter_of_the_queue_and_not_for_each_frame(int connections, bool readersAreFast)
    {
        const int maxFrames = 400;
        const int takes = 10_000;
        using ReceiveQueue queue = new(maxFrames, 1_000_000, this);
        _admitted = connection =>
        {
            _resumed.Enqueue(connection);
            if (readersAreFast)
            {
                Read(queue);    // while others are not resumed yet
            }
        };

        foreach (StubConnection connection in Enumerable.Range(0, connections).Select(_ => new StubConnection()))
        {
            _resumed.Enqueue(connection);
            Read(queue);
        }

        Assert.Equal((maxFrames, connections), (queue.Frames, queue.InLine));
        Dictionary<Connection, long> taken = [];
        for (int i = 0; i < takes; i++)
        {
            Take(queue, taken);
            Read(queue);
        }

        _admitted = _ => { };       // a reader that went on would keep the dispose from its end
        Assert.Equal(takes / (maxFrames / 4) * connections, _admissions);
    }

    [Fact]
    public void A_frame_that_joins_when_the_line_was_just_served_does_not_wait_for_the_queue_to_sink()
    {
        using ReceiveQueue queue = new(8, 1000, this);
        StubConnection first = new();
        StubConnection late = new();
        Fill(queue, first);

        queue.WaitInLine(Lease(first));
        FrameLease lease = Lease(late);
        Assert.False(queue.TryEnqueue(lease));      // it is on its way into the line, where there is somebody
        Take(queue);
        Take(queue);
        Assert.Equal((0, 7, 1), (queue.InLine, queue.Frames, _admissions));
        queue.WaitInLine(lease);
        Assert.Equal((0, 8, 2), (queue.InLine, queue.Frames, _admissions));
    }

    [Fact]
    public void A_first_in_line_that_is_longer_than_what_is_free_is_looked_at_for_each_frame_taken_until_it_fits()
    {
        using ReceiveQueue queue = new(100, 100, this);
        StubConnection connection = new();
        Fill(queue, connection);

        queue.WaitInLine(Lease(new StubConnection(), length: 60));
        queue.WaitInLine(Lease(new StubConnection()));
        for (int left = 9; left > 4; left--)
        {
            Take(queue);
            Assert.Equal((2, left), (queue.InLine, queue.Frames));
        }

        Take(queue);
        Assert.Equal((1, 5, 100L), (queue.InLine, queue.Frames, queue.Bytes));
    }

    void IReceiveQueueOwner.Admitted(Connection? connection)
    {
        _admissions++;
        _paused.Remove(connection!);
        _admitted(connection!);
    }

    bool IReceiveQueueOwner.Taken(FrameLease lease)
    {
        _taken = lease.Connection!;
        lease.Connection = null;    // it has no host to be told of the dispose
        return true;
    }

    // As a reader does: frames without end, until one of them waits in line.
    private void Read(ReceiveQueue queue)
    {
        while (_resumed.TryDequeue(out Connection? connection))
        {
            while (!_paused.Contains(connection))
            {
                FrameLease lease = Lease(connection);
                if (!queue.TryEnqueue(lease))
                {
                    _paused.Add(connection);
                    queue.WaitInLine(lease);
                }
            }
        }
    }

    private void Fill(ReceiveQueue queue, Connection connection)
    {
        while (queue.TryEnqueue(Lease(connection)))
        {
        }
    }

    private FrameLease Lease(Connection connection, int length = 10)
    {
        long index = _added.GetValueOrDefault(connection);
        _added[connection] = index + 1;
        return _leases.Rent(new Frame(new byte[length], index, 0), connection);
    }

    private Connection Take(ReceiveQueue queue, Dictionary<Connection, long>? taken = null)
    {
        Assert.True(queue.TryTake(out FrameLease? lease));
        Connection connection = _taken!;
        if (taken is not null)
        {
            Assert.Equal(taken.GetValueOrDefault(connection), lease.Index);
            taken[connection] = lease.Index + 1;
        }

        lease.Release();
        return connection;
    }
}
