using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

/// <summary>What the runtime may leave in the thread pool's queue although it threw: here the second call of Execute, which a test can make itself.</summary>
public sealed class PoolTurnTests
{
    [Fact]
    public async Task An_item_runs_as_often_as_it_was_queued_whatever_was_left_in_the_queue()
    {
        var item = new CountingItem();
        item.Queue();
        await item.Ran.Bounded();
        item.Execute();
        Assert.Equal(1, item.Runs);

        item.Queue();
        item.Execute();     // early, in place of the other
        await item.Ran.Bounded();
        item.Execute();
        Assert.Equal(2, item.Runs);
    }

    [Fact]
    public async Task A_consumer_is_not_told_twice_nor_is_who_waits_in_its_place_afterwards()
    {
        var waiter = new ReceiveWaiter(new ReceiveWaiters());
        ValueTask<FrameLease?> task = waiter.Task;
        waiter.Complete(null, null);
        Assert.Null(await task.AsTask().WaitAsync(Hang.Limit));

        ValueTask<FrameLease?> next = waiter.Task;
        ((IThreadPoolWorkItem)waiter).Execute();
        Assert.False(next.IsCompleted);
    }

    private sealed class CountingItem : IThreadPoolWorkItem
    {
        private TaskCompletionSource _ran = new();
        private PoolTurn _turn;
        private int _runs;

        public Task Ran => _ran.Task;

        public int Runs => Volatile.Read(ref _runs);

        public void Queue()
        {
            _ran = new TaskCompletionSource();
            _turn.Queue(this);
        }

        public void Execute()
        {
            if (_turn.TryTake())
            {
                Interlocked.Increment(ref _runs);
                _ran.SetResult();
            }
        }
    }
}
