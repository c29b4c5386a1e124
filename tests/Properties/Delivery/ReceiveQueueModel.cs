using Framing.Properties.Decoding;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Delivery;

/// <summary>A receive queue beside the obvious model of one: a list of frames, a line, a list of consumers.</summary>
internal sealed class ReceiveQueueModel : IReceiveQueueOwner, IDisposable
{
    private sealed record Consumer(Task<FrameLease?> Task, CancellationTokenSource Cancellation);

    private readonly record struct Entry(long Index, int Length);

    private readonly TrackingPool _pool = new();
    private readonly FrameLeasePool _leases;
    private readonly ReceiveQueue _queue;
    private readonly int _maxFrames;
    private readonly int _maxBytes;
    private readonly Queue<Entry> _frames = new();
    private readonly Queue<Entry> _line = new();
    private readonly List<Consumer> _waiting = [];
    private long _added;
    private long _unwanted;     // frames before this index are dropped instead of delivered
    private int _admitted;      // from the line, as announced and as expected
    private int _expectedAdmitted;

    public ReceiveQueueModel(int maxFrames, int maxBytes)
    {
        _leases = new FrameLeasePool(_pool, 4);     // small: leases are used again, and some do not fit
        _queue = new ReceiveQueue(maxFrames, maxBytes, this);
        (_maxFrames, _maxBytes) = (maxFrames, maxBytes);
    }

    private int Bytes => _frames.Sum(entry => entry.Length);

    public void Take(ReceiveStep step)
    {
        switch (step)
        {
            case ReceiveStep.Add(var lengths):
                Array.ForEach(lengths, Add);
                _queue.Signal();
                ServeConsumers();
                break;
            case ReceiveStep.Take:
                TakeOne();
                break;
            case ReceiveStep.Await:
                Await();
                break;
            case ReceiveStep.Cancel(var which) when _waiting.Count > 0:
                Cancel(_waiting[which % _waiting.Count]);
                break;
            case ReceiveStep.Drop:
                _unwanted = _added;
                break;
        }

        Check();
    }

    /// <summary>Nothing will be added: consumers get what is left and then null.</summary>
    public void Complete()
    {
        _queue.Complete();
        EndConsumers(consumer => Assert.Null(Result(consumer)));
        while (Pop() is { } expected)
        {
            AssertIs(expected, _queue.TakeAsync(CancellationToken.None).AsTask().Result);
        }

        Assert.Null(_queue.TakeAsync(CancellationToken.None).AsTask().Result);
        Assert.False(_queue.TryTake(out _));
        Check();

        // A consumer that comes after the dispose is told the end too.
        _queue.Dispose();
        Assert.Null(_queue.TakeAsync(CancellationToken.None).AsTask().Result);
    }

    public void Dispose() => _queue.Dispose();

    /// <summary>The host was disposed: whatever is left is dropped.</summary>
    public void DropAll()
    {
        _queue.Dispose();
        EndConsumers(consumer => Assert.IsType<ObjectDisposedException>(Assert.Throws<AggregateException>(() => Result(consumer)).InnerException));
        _expectedAdmitted += _line.Count;
        _frames.Clear();
        _line.Clear();
        Assert.False(_queue.TryTake(out _));
        Assert.Throws<ObjectDisposedException>(() => { _ = _queue.TakeAsync(CancellationToken.None).AsTask(); });
        Check();
    }

    public void AssertAllGivenBack()
    {
        _leases.Clear();
        Assert.Equal(0, _pool.Outstanding);
    }

    void IReceiveQueueOwner.Admitted(Connection? connection) => _admitted++;

    bool IReceiveQueueOwner.Taken(FrameLease lease)
    {
        bool wanted = lease.Index >= _unwanted;
        if (!wanted)
        {
            lease.Release();
        }

        return wanted;
    }

    private void Add(int length)
    {
        Entry entry = new(_added++, length);
        FrameLease lease = _leases.Rent(new Frame(Content(entry), entry.Index, 0), null);
        bool enqueued = _queue.TryEnqueue(lease);
        Assert.Equal(_line.Count == 0 && HasRoomFor(entry), enqueued);
        if (enqueued)
        {
            _frames.Enqueue(entry);
        }
        else
        {
            _queue.WaitInLine(lease);
            _line.Enqueue(entry);
            ServeLine();
        }
    }

    private void TakeOne()
    {
        Entry? expected = Pop();
        Assert.Equal(expected is not null, _queue.TryTake(out FrameLease? lease));
        AssertIs(expected, lease);
    }

    private void Await()
    {
        Entry? expected = Pop();
        CancellationTokenSource cancellation = new();
        Task<FrameLease?> task = _queue.TakeAsync(cancellation.Token).AsTask();
        if (expected is null)
        {
            _waiting.Add(new Consumer(task, cancellation));
        }
        else
        {
            Assert.True(task.IsCompletedSuccessfully);
            AssertIs(expected, task.Result);
        }
    }

    private void Cancel(Consumer consumer)
    {
        consumer.Cancellation.Cancel();
        Assert.IsAssignableFrom<OperationCanceledException>(Assert.Throws<AggregateException>(() => Result(consumer)).InnerException);
        _waiting.Remove(consumer);
    }

    private void ServeConsumers()
    {
        while (_waiting.Count > 0 && Pop() is { } entry)
        {
            AssertIs(entry, Result(_waiting[0]));
            _waiting.RemoveAt(0);
        }
    }

    private void EndConsumers(Action<Consumer> assertEnded)
    {
        _waiting.ForEach(assertEnded);
        _waiting.Clear();
    }

    private Entry? Pop()
    {
        while (_frames.TryDequeue(out Entry entry))
        {
            ServeLine();
            if (entry.Index >= _unwanted)
            {
                return entry;
            }
        }

        return null;
    }

    // Nobody is in line but for want of room: so the first of them had none, and they wait until a quarter of it is free, or one of few.
    private void ServeLine()
    {
        if (_frames.Count > _maxFrames - Quarter(_maxFrames) || Bytes > _maxBytes - Quarter(_maxBytes))
        {
            return;
        }

        while (_line.TryPeek(out Entry first) && HasRoomFor(first))
        {
            _frames.Enqueue(_line.Dequeue());
            _expectedAdmitted++;
        }
    }

    // A frame longer than the bound goes in alone, or behind empty ones: to count those would keep no byte out.
    private bool HasRoomFor(Entry entry) => _frames.Count < _maxFrames && (Bytes == 0 || Bytes + entry.Length <= _maxBytes);

    private void Check()
    {
        Assert.Equal((_frames.Count, Bytes, _line.Count), (_queue.Frames, _queue.Bytes, _queue.InLine));
        Assert.Equal(_expectedAdmitted, _admitted);
        Assert.All(_waiting, consumer => Assert.False(consumer.Task.IsCompleted));
        Assert.False(_queue.IsOver(out _) && _frames.Count > 0);
    }

    private static int Quarter(int bound) => Math.Max(1, bound / 4);

    private static void AssertIs(Entry? expected, FrameLease? lease)
    {
        Assert.Equal(expected?.Index, lease?.Index);
        if (lease is not null)
        {
            ReceivedFrame frame = lease.Frame;
            Assert.Equal(Content(expected!.Value), frame.Bytes.ToArray());
            frame.Dispose();
            frame.Dispose();    // does nothing, whoever has the lease by now
            Assert.Throws<ObjectDisposedException>(() => frame.Bytes);
        }
    }

    private static byte[] Content(Entry entry) => [.. Enumerable.Range(0, entry.Length).Select(i => (byte)((entry.Index * 37) + i))];

    private static FrameLease? Result(Consumer consumer)
    {
        Assert.True(consumer.Task.Wait(Hang.Limit), "a consumer waits that should have been served");
        return consumer.Task.Result;
    }
}
