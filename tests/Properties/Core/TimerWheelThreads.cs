using Iocp.Core;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Framing.Properties.Core;

/// <summary>The wheel's promises across threads: the clock is fake, the threads are real.</summary>
public sealed class TimerWheelThreads
{
    private readonly CountingClock _clock = new();

    [Fact]
    public async Task Dispose_waits_for_the_tick_that_runs_and_ends_it()
    {
        TimerWheel<TimerProbe> wheel = NewWheel();
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim leave = new();
        TimerProbe[] probes = [.. Enumerable.Range(0, 10).Select(_ => new TimerProbe())];
        foreach (TimerProbe probe in probes)
        {
            probe.Body = now =>
            {
                entered.Set();
                Assert.True(leave.Wait(Hang.Limit));
                return now;
            };
            wheel.Schedule(probe, 0);
        }

        Task tick = Task.Run(() => _clock.AdvanceMilliseconds(100));
        Assert.True(entered.Wait(Hang.Limit));
        Task disposed = wheel.DisposeAsync().AsTask();
        Task disposedAgain = wheel.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted || disposedAgain.IsCompleted);
        leave.Set();
        await disposed.Bounded();
        await disposedAgain.Bounded();
        await tick.Bounded();
        Assert.Equal(1, probes.Sum(probe => probe.Calls.Count));

        int wakeUps = _clock.WakeUps;
        wheel.Schedule(probes[0], wheel.Now);
        _clock.AdvanceMilliseconds(1000);
        Assert.Equal(wakeUps, _clock.WakeUps);
        Assert.Equal(1, probes.Sum(probe => probe.Calls.Count));
        await wheel.DisposeAsync();
    }

    [Fact]
    public void Dispose_from_inside_a_call_does_not_wait_for_itself()
    {
        TimerWheel<TimerProbe> wheel = NewWheel();
        TimerProbe probe = new();
        probe.Body = now =>
        {
            Assert.True(wheel.DisposeAsync().AsTask().Wait(Hang.Limit));
            return now;
        };
        wheel.Schedule(probe, 0);
        _clock.AdvanceMilliseconds(100);
        _clock.AdvanceMilliseconds(1000);
        Assert.Single(probe.Calls);
    }

    [Fact]
    public async Task The_wheel_is_not_locked_during_a_call()
    {
        TimerWheel<TimerProbe> wheel = NewWheel();
        TimerProbe other = new();
        TimerProbe probe = new() { Body = _ => Task.Run(() => wheel.Schedule(other, 0)).Wait(Hang.Limit) ? -1 : throw new TimeoutException() };
        wheel.Schedule(probe, 0);
        _clock.AdvanceMilliseconds(100);
        Assert.Single(probe.Calls);
        Assert.Equal(1, wheel.Count);
        await wheel.DisposeAsync();
    }

    [Fact]
    public void Who_sets_the_timer_late_does_not_undo_what_another_set()
    {
        InterruptedClock clock = new();
        TimerWheel<TimerProbe> wheel = new(new HostClock(clock, error => throw error), error => throw error);
        TimerProbe soon = new();
        TimerProbe later = new();
        clock.BeforeSetting = () =>
        {
            clock.BeforeSetting = null;
            wheel.Schedule(soon, 1000);     // decided after the other, and sets the timer before it
        };
        wheel.Schedule(later, 30_000);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1000], soon.Calls);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal([30_000], later.Calls);
    }

    [Fact]
    public void When_the_clock_s_timer_cannot_be_set_the_system_s_comes_instead_of_it()
    {
        InterruptedClock clock = new() { BeforeSetting = static () => throw new InvalidOperationException("no timer") };
        List<Exception> told = [];
        TimerWheel<TimerProbe> wheel = new(new HostClock(clock, told.Add), error => throw error);
        TimerProbe again = new() { Body = now => now + 200 };
        wheel.Schedule(again, 500);
        for (int calls = 1; calls <= 2; calls++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref again.Started) >= calls, Hang.Limit), "no timer came");
        }

        Assert.Single(told);        // though a tick could not set it either
        clock.BeforeSetting = null;
        wheel.Cancel(again);
    }

    [Fact]
    public void A_timer_that_comes_while_a_tick_runs_begins_no_other()
    {
        InterruptedClock clock = new();
        TimerWheel<TimerProbe> wheel = new(new HostClock(clock, error => throw error), error => throw error);
        int running = 0;
        int most = 0;
        TimerProbe[] probes = [.. Enumerable.Range(0, 3).Select(_ => new TimerProbe())];
        foreach (TimerProbe probe in probes)
        {
            probe.Body = _ =>
            {
                most = Math.Max(most, ++running);
                clock.Fire();
                running--;
                return -1;
            };
            wheel.Schedule(probe, 100);
        }

        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.All(probes, probe => Assert.Single(probe.Calls));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task It_runs_on_the_system_clock_too()
    {
        await using TimerWheel<TimerProbe> wheel = new(new HostClock(TimeProvider.System, error => throw error), error => throw error);
        TaskCompletionSource<long> called = new();
        TimerProbe probe = new()
        {
            Body = now =>
            {
                called.SetResult(now);
                return -1;
            },
        };
        long due = wheel.Now + 120;
        wheel.Schedule(probe, due);
        Assert.InRange(await called.Task.Bounded(), due, long.MaxValue);
    }

    /// <summary>One thread turns the clock, others add, move and cancel: no call overlaps another of its entry, and what is cancelled stays so.</summary>
    [Fact]
    public void Threads_add_move_and_cancel_while_the_clock_runs()
    {
        const int Generations = 3000;
        RenewingClock clock = new();
        TimerWheel<TimerProbe> wheel = new(new HostClock(clock, error => throw error), error => throw error);
        int working = 2;
        int neverCalled = 0;
        List<(TimerProbe Probe, int CallsAtCancel)>[] cancelled = [[], []];

        void Work(int worker)
        {
            Random random = new(worker);
            for (int i = 0; i < Generations; i++)
            {
                TimerProbe probe = new() { Body = now => now + (now % 3 * 50) - 1 };
                for (int move = random.Next(1, 6); move > 0; move--)
                {
                    wheel.Schedule(probe, wheel.Now + random.Next(0, 300));
                }

                if (i % 10 == 0)
                {
                    // wait until it was called, so that cancels meet entries that re-arm themselves
                    if (!SpinWait.SpinUntil(() => Volatile.Read(ref probe.Started) > 0, Hang.Limit))
                    {
                        Interlocked.Increment(ref neverCalled);
                    }
                }

                wheel.Cancel(probe);
                cancelled[worker].Add((probe, Volatile.Read(ref probe.Started)));
            }

            Interlocked.Decrement(ref working);
        }

        void Turn()
        {
            while (Volatile.Read(ref working) > 0)
            {
                clock.Advance(TimeSpan.FromMilliseconds(30));
            }
        }

        Threads.Run(Turn, () => Work(0), () => Work(1));
        Assert.Equal(0, neverCalled);
        Assert.Equal(0, wheel.Count);
        int before = cancelled.Sum(list => list.Sum(each => each.Probe.Started));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(before, cancelled.Sum(list => list.Sum(each => each.Probe.Started)));
        Assert.All(cancelled.SelectMany(list => list), each =>
        {
            Assert.False(each.Probe.Overlapped);
            // At most the call that was under way when it was cancelled.
            Assert.InRange(each.Probe.Started, each.CallsAtCancel, each.CallsAtCancel + 1);
        });
        Assert.True(before > 0, "nothing was ever called: the test proves nothing");
    }

    private TimerWheel<TimerProbe> NewWheel() => new(new HostClock(_clock, error => throw error), error => throw error);

    /// <summary>A clock whose timers may be set by several threads at once, as real ones may: each setting is a timer of its own.</summary>
    private sealed class RenewingClock : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            RenewedTimer timer = new((due, again) => base.CreateTimer(callback, state, due, again));
            timer.Change(dueTime, period);
            return timer;
        }

        private sealed class RenewedTimer(Func<TimeSpan, TimeSpan, ITimer> create) : ITimer
        {
            private readonly Lock _lock = new();
            private ITimer? _timer;
            private int _changes;

            // The last to begin stays: making a timer that is due already runs it, and that sets the next.
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                int change = Interlocked.Increment(ref _changes);
                ITimer? old = create(dueTime, period);
                lock (_lock)
                {
                    if (change == _changes)
                    {
                        (_timer, old) = (old, _timer);
                    }
                }

                old?.Dispose();
                return true;
            }

            public void Dispose() => _timer?.Dispose();

            public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;
        }
    }

    /// <summary>A clock whose timer is interrupted before it is set, and can be made to come at any time.</summary>
    private sealed class InterruptedClock : FakeTimeProvider
    {
        public Action? BeforeSetting { get; set; }

        public Action Fire { get; private set; } = () => { };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Fire = () => callback(state);
            return new InterruptedTimer(this, base.CreateTimer(callback, state, dueTime, period));
        }

        private sealed class InterruptedTimer(InterruptedClock clock, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                clock.BeforeSetting?.Invoke();
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
