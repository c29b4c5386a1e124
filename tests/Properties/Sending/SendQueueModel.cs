using Framing.Properties.Decoding;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Sending;

/// <summary>A send queue beside the obvious model of one: bytes in a list, waiters in a list, a few booleans.</summary>
internal sealed class SendQueueModel : ISendQueueOwner
{
    private sealed record Waiting(byte[] Data, SendWaiter Waiter, CancellationTokenSource Cancellation);

    private readonly TrackingPool _pool = new();
    private readonly SendBacklogPool _backlogs;
    private SendQueue _queue;
    private readonly int _bound;
    private readonly List<byte> _queued = [];
    private readonly List<Waiting> _waiting = [];
    private readonly List<ArraySegment<byte>> _buffers = [];
    private byte[] _gathered = [];
    private int _numbered;
    private int _accepted;
    private int _reported;
    private long _sent;
    private long _now;
    private bool _inFlight;
    private long? _waitsSince;
    private bool _claimed;
    private bool _full;
    private bool _shut;

    public SendQueueModel(int bound)
    {
        _backlogs = new SendBacklogPool(_pool, bound);
        _bound = bound;
    }

    private bool HasRoom => _queued.Count < _bound && _waiting.Count == 0;

    private SendStatus NextStatus => _shut ? SendStatus.Closed : HasRoom ? SendStatus.Queued : SendStatus.QueueFull;

    public void Take(SendStep step)
    {
        _now += 7;
        switch (step)
        {
            case SendStep.Append(var length, var corked):
                Append(length, corked);
                break;
            case SendStep.Wait(var length):
                Wait(length);
                break;
            case SendStep.Cancel(var which) when _waiting.Count > 0:
                Cancel(_waiting[which % _waiting.Count]);
                break;
            case SendStep.Gather(var maxBuffers, var maxBytes) when !_inFlight:
                Gather(maxBuffers, maxBytes);
                break;
            case SendStep.Complete(var thousandths) when _inFlight:
                Complete(Math.Max(1, (int)(_gathered.Length * (long)thousandths / 1000)));
                break;
            case SendStep.BeginWait when _inFlight:
                _queue.BeginWait(_now);
                _waitsSince ??= _now;
                break;
            case SendStep.Retry when _inFlight:
                _inFlight = false;
                break;
            case SendStep.Shut:
                Shut();
                break;
        }

        Check();
    }

    /// <summary>The sender goes on until nothing is left: everything accepted leaves, in order.</summary>
    public void Drain()
    {
        while (_queued.Count > 0)
        {
            Take(new SendStep.Gather(16, 65_536));
            Take(new SendStep.Complete(1000));
        }

        Assert.Empty(_waiting);
        Assert.Equal(_sent, _queue.BytesSent);
        Assert.True(_queue.LooksEmpty, "a drained queue keeps its backlog");
    }

    /// <summary>The connection has closed with whatever is still queued.</summary>
    public void Release()
    {
        _queue.Release();
        AssertClosed();
        Assert.Equal(0, _queue.BytesQueued);
        Assert.True(_queue.LooksEmpty);
        Assert.Equal(new AppendResult(SendStatus.Closed), _queue.Append(_backlogs, [1], 0, claim: true));
        Assert.False(_queue.TryClaim());
        _backlogs.Clear();
        Assert.Equal(0, _pool.Outstanding);
    }

    bool ISendQueueOwner.Withdraw(SendWaiter waiter) => _queue.Withdraw(waiter);

    private void Append(int length, bool corked)
    {
        byte[] data = Data(length);
        SendStatus expected = NextStatus;
        AppendResult result = _queue.Append(_backlogs, data, corked ? 500 : 0, !corked);
        Accept(expected, data);
        CheckResult(result, expected, claims: !corked);
        data.AsSpan().Clear();      // it was copied
    }

    private void Wait(int length)
    {
        byte[] data = Data(length);
        SendStatus expected = NextStatus;
        SendWaiter? waiter = _queue.Wait(_backlogs, this, data, out AppendResult result);
        Assert.Equal(expected == SendStatus.QueueFull, waiter is not null);
        Accept(expected, data);
        CheckResult(result, expected, claims: true);
        if (waiter is not null)
        {
            CancellationTokenSource cancellation = new();
            waiter.CancelWith(cancellation.Token);
            _waiting.Add(new Waiting(data, waiter, cancellation));
        }
    }

    private void Cancel(Waiting waiting)
    {
        waiting.Cancellation.Cancel();
        Assert.True(waiting.Waiter.Task.IsCanceled);
        _waiting.Remove(waiting);
    }

    private void Gather(int maxBuffers, int maxBytes)
    {
        bool claims = _queue.TryClaim();
        Assert.Equal(!_claimed && _queued.Count > 0, claims);
        _claimed |= claims;
        if (!_claimed)
        {
            return;
        }

        int gathered = _queue.Gather(_buffers, maxBuffers, maxBytes);
        _gathered = [.. _buffers.SelectMany(buffer => buffer)];
        Assert.Equal(gathered, _gathered.Length);
        Assert.InRange(_buffers.Count, 1, maxBuffers);
        Assert.All(_buffers, buffer => Assert.NotEqual(0, buffer.Count));
        Assert.InRange(_buffers.SkipLast(1).Sum(buffer => buffer.Count), 0, maxBytes - 1);
        Assert.Equal(_queued.Take(gathered), _gathered);
        _inFlight = true;
    }

    private void Complete(int bytes)
    {
        Assert.Equal(_gathered, _buffers.SelectMany(buffer => buffer));     // what is being sent stays as it is
        _claimed = _queue.Complete(bytes, out long newSends, out bool reopened, out bool finished);
        Assert.Equal(_accepted - _reported, newSends);
        _reported = _accepted;
        _queued.RemoveRange(0, bytes);
        _sent += bytes;
        _inFlight = false;
        _waitsSince = null;
        while (_waiting is [var first, ..] && _queued.Count < _bound && !_shut)
        {
            Assert.Equal(SendStatus.Queued, Result(first));
            _waiting.RemoveAt(0);
            Accept(SendStatus.Queued, first.Data);
        }

        bool reopens = _full && _queued.Count <= _bound / 2;
        Assert.Equal(reopens, reopened);
        Assert.Equal(_queued.Count > 0, _claimed);
        Assert.Equal(_shut && !_claimed, finished);
        _full &= !reopens;
    }

    private void Shut()
    {
        _queue.Shut();
        _shut = true;
        AssertClosed();
    }

    private void AssertClosed()
    {
        Assert.All(_waiting, waiting => Assert.Equal(SendStatus.Closed, Result(waiting)));
        _waiting.Clear();
    }

    private void Accept(SendStatus status, byte[] data)
    {
        if (status == SendStatus.Queued)
        {
            _queued.AddRange(data);
            _accepted += data.Length > 0 ? 1 : 0;
            _full |= _queued.Count >= _bound;
        }
    }

    private void CheckResult(AppendResult result, SendStatus status, bool claims)
    {
        bool queued = status == SendStatus.Queued;
        Assert.Equal(new AppendResult(status, queued && claims && !_claimed && _queued.Count > 0, queued && _full), result);
        _claimed |= result.Claimed;
    }

    private void Check()
    {
        Assert.Equal(_queued.Count, _queue.BytesQueued);
        Assert.Equal(_full, _queue.IsFull);
        Assert.Equal(_queued.Count == 0, _queue.LooksEmpty);
        Assert.True(_queued.Count > 0 || !_claimed, "somebody sends nothing");
        Assert.Equal((_accepted, _sent), (_queue.Sends, _queue.BytesSent));
        Assert.Equal(_waitsSince, _queue.WaitsSince);
        Assert.All(_waiting, waiting => Assert.False(waiting.Waiter.Task.IsCompleted));
        Assert.True(_waiting.Count == 0 || _queued.Count >= _bound, "sends wait although there is room");
    }

    // Bytes that tell which send they are of and where in it.
    private byte[] Data(int length)
    {
        int number = ++_numbered;
        return [.. Enumerable.Range(0, length).Select(i => (byte)((number * 37) + i))];
    }

    private static SendStatus Result(Waiting waiting)
    {
        Assert.True(waiting.Waiter.Task.IsCompletedSuccessfully, "a send still waits");
        return waiting.Waiter.Task.Result.Status;
    }
}
