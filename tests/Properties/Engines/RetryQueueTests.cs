using Iocp.Core.Engines;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Framing.Properties.Engines;

public sealed class RetryQueueTests : IDisposable
{
    private readonly Clock _time = new();
    private readonly RetryQueue<int> _queue;
    private readonly List<int[]> _retries = [];
    private Action<IReadOnlyList<int>> _retry = _ => { };

    public RetryQueueTests() => _queue = new RetryQueue<int>(_time, items =>
    {
        _retries.Add([.. items]);
        _retry(items);
    });

    public void Dispose() => _queue.Close();

    [Fact]
    public void All_that_wait_are_retried_together_after_the_pause_of_the_first()
    {
        Assert.Equal(BackOff.First, Add(1));
        _time.Advance(BackOff.First / 2);
        Assert.Null(Add(2));
        Assert.Equal(2, _queue.Count);
        Assert.Empty(_retries);
        _time.Advance(BackOff.First / 2);
        Assert.Equal([[1, 2]], _retries);
        Assert.Equal(0, _queue.Count);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Single(_retries);
    }

    [Fact]
    public void What_there_is_room_for_waits_without_memory_of_its_own_after_a_retry_too()
    {
        _queue.EnsureCapacity(10_000);
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++)
            {
                _queue.TryAdd(i, out _);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2000);     // the fake timer's own
            _time.Advance(BackOff.Longest);
        }
    }

    [Fact]
    public void The_pause_doubles_up_to_a_second_while_retrying_fails()
    {
        List<double> pauses = [];
        _retry = items => pauses.Add(Add(items[0])!.Value.TotalMilliseconds);
        pauses.Add(Add(1)!.Value.TotalMilliseconds);
        while (pauses.Count < 10)
        {
            _time.Advance(TimeSpan.FromMilliseconds(pauses[^1]));
        }

        Assert.Equal([10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000], pauses);
    }

    [Fact]
    public void It_is_short_again_after_a_success_and_after_a_quiet_second()
    {
        Fail();
        Assert.Equal(4 * BackOff.First, Add(1));
        _time.Advance(4 * BackOff.First);
        _queue.Reset();
        Assert.Equal(BackOff.First, Add(1));
        _time.Advance(BackOff.First);
        Assert.Equal(2 * BackOff.First, Add(1));
        _time.Advance(2 * BackOff.First);
        _time.Advance(BackOff.Longest - TimeSpan.FromMilliseconds(1));
        Assert.Equal(4 * BackOff.First, Add(1));
        _time.Advance(4 * BackOff.First);
        _time.Advance(BackOff.Longest);
        Assert.Equal(BackOff.First, Add(1));

        void Fail()
        {
            Assert.Equal(BackOff.First, Add(1));
            _time.Advance(BackOff.First);
            Assert.Equal(2 * BackOff.First, Add(1));
            _time.Advance(2 * BackOff.First);
        }
    }

    [Fact]
    public void An_item_for_which_no_pause_can_begin_does_not_wait_and_the_next_is_retried()
    {
        _time.TimersFail = true;
        Assert.Throws<InsufficientMemoryException>(() => Add(1));
        Assert.Equal(0, _queue.Count);
        _time.TimersFail = false;
        TimeSpan? pause = Add(2);
        Assert.NotNull(pause);
        _time.Advance(pause.Value);
        Assert.Equal([[2]], _retries);
    }

    [Fact]
    public void A_closed_queue_gives_back_what_waits_and_takes_no_more()
    {
        Add(1);
        Add(2);
        Assert.Equal([1, 2], _queue.Close());
        Assert.False(_queue.TryAdd(3, out TimeSpan? pause));
        Assert.Null(pause);
        Assert.Empty(_queue.Close());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.DoesNotContain(_retries, items => items.Length > 0);
    }

    private TimeSpan? Add(int item)
    {
        Assert.True(_queue.TryAdd(item, out TimeSpan? pause));
        return pause;
    }

    /// <summary>Its timers cannot be set while there is no memory for that.</summary>
    private sealed class Clock : FakeTimeProvider
    {
        public bool TimersFail { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => new Timer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(Clock clock, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => clock.TimersFail ? throw new InsufficientMemoryException() : timer.Change(dueTime, period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
