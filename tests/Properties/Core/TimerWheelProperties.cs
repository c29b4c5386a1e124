using FsCheck;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

public sealed class TimerWheelProperties
{
    private const int Tick = TimerWheel<TimerProbe>.TickMilliseconds;
    private const int Turn = TimerWheel<TimerProbe>.Buckets * Tick;
    private const long Year = 365L * 24 * 3600 * 1000;

    // From within a tick to beyond many turns of the wheel.
    private static readonly long[] s_spans = [0, 1, 30, 99, 100, 101, 250, 1000, 30_000, Turn - 100, Turn, Turn + 1, 2 * Turn, 3_600_000, 24 * 3_600_000, Year];

    private readonly CountingClock _clock = new();
    private readonly List<Exception> _failures = [];

    /// <summary>
    /// Any adds, moves, cancels and advances over five entries, some of which re-arm themselves: after each step every entry has been
    /// called exactly as often as it was due, never early, never more than a tick late, and an entry cancelled not at all.
    /// </summary>
    [Property(MaxTest = 1000)]
    public void Each_deadline_fires_once_in_time(Tuple<byte, byte, byte>[] steps)
    {
        CountingClock clock = new();
        TimerWheel<TimerProbe> wheel = NewWheel(clock);
        TimerModel[] models = [.. Enumerable.Range(0, 5).Select(_ => new TimerModel())];
        foreach (TimerModel model in models)
        {
            model.Probe.Body = model.OnTimer;
        }

        foreach ((byte kind, byte which, byte size) in steps)
        {
            TimerModel model = models[which % 5];
            long span = s_spans[size % s_spans.Length] + (size / s_spans.Length);
            switch (kind % 8)
            {
                case < 3:
                    model.Schedule(wheel, wheel.Now + span);
                    break;
                case 3:
                    model.Schedule(wheel, Math.Max(0, wheel.Now - span)); // already past
                    break;
                case 4 when which > 128: // seldom: it is for good
                    model.Cancel(wheel);
                    break;
                case 5:
                    model.Interval = which % 2 == 0 ? -1 : span;
                    break;
                default:
                    clock.AdvanceMilliseconds(span);
                    break;
            }

            Assert.All(models, each => each.Check(wheel.Now));
            Assert.Equal(models.Count(each => each.Due is not null), wheel.Count);
        }

        Assert.Empty(_failures);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 100)]
    [InlineData(100, 100)]
    [InlineData(101, 200)]
    [InlineData(30_000, 30_000)]
    [InlineData(Turn - 1, Turn)]
    [InlineData(Turn + 50, Turn + 100)]
    [InlineData(10 * Turn, 10 * Turn)]
    public void Fires_at_the_first_tick_that_is_not_early(long due, long expected)
    {
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe probe = new();
        wheel.Schedule(probe, due);
        while (wheel.Now < expected + (2 * Tick))
        {
            Assert.Equal(wheel.Now >= expected ? 1 : 0, probe.Calls.Count);
            _clock.AdvanceMilliseconds(wheel.Now + 1000 < expected ? 1000 : 1);
        }

        Assert.Equal([expected], probe.Calls);
    }

    [Fact]
    public void The_end_of_time_is_not_reached()
    {
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe probe = new();
        wheel.Schedule(probe, long.MaxValue);
        _clock.AdvanceMilliseconds(100 * Year);
        _clock.AdvanceMilliseconds(100 * Year);
        Assert.Empty(probe.Calls);
        Assert.Equal(1, wheel.Count);
        wheel.Schedule(probe, 0);
        _clock.AdvanceMilliseconds(Tick);
        Assert.Single(probe.Calls);
        Assert.Throws<ArgumentOutOfRangeException>(() => wheel.Schedule(probe, -1));
    }

    [Fact]
    public void Nobody_is_woken_more_than_once_a_second_before_there_is_something_to_do()
    {
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        _clock.AdvanceMilliseconds(Year);
        Assert.Equal(0, _clock.WakeUps);

        TimerProbe probe = new();
        wheel.Schedule(probe, wheel.Now + 1000);
        _clock.AdvanceMilliseconds(999);
        Assert.Equal(0, _clock.WakeUps);
        for (int i = 0; i < 100; i++)
        {
            _clock.AdvanceMilliseconds(Tick);
        }

        Assert.Single(probe.Calls);
        Assert.Equal(1, _clock.WakeUps);

        wheel.Schedule(probe, wheel.Now + 1000);
        wheel.Cancel(probe);
        for (int i = 0; i < 100; i++)
        {
            _clock.AdvanceMilliseconds(Tick);
        }

        Assert.Single(probe.Calls);
        Assert.Equal(2, _clock.WakeUps);    // the timer is not unset for each entry that is cancelled
    }

    [Fact]
    public void What_is_due_before_all_else_sets_the_timer_anew()
    {
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe[] probes = [.. Enumerable.Range(0, 4).Select(_ => new TimerProbe())];
        long[] due = [2 * Turn, 30_000, 500, 60_000];
        for (int i = 0; i < due.Length; i++)
        {
            wheel.Schedule(probes[i], due[i]);
        }

        _clock.AdvanceMilliseconds(500);
        Assert.Equal([500], probes[2].Calls);
        wheel.Schedule(probes[2], 20_000);
        while (wheel.Now < 2 * Turn)
        {
            _clock.AdvanceMilliseconds(1);
        }

        Assert.Equal([500, 20_000], probes[2].Calls);
        for (int i = 0; i < due.Length; i++)
        {
            Assert.Equal(due[i], probes[i].Calls[0]);
        }

        // Once a second, and for what is due between two seconds.
        Assert.InRange(_clock.WakeUps, 2 * Turn / 1000, (2 * Turn / 1000) + 5);
    }

    [Fact]
    public void A_clock_that_jumps_without_its_timers_is_found_within_a_second()
    {
        JumpingClock clock = new();
        TimerWheel<TimerProbe> wheel = NewWheel(clock);
        TimerProbe before = new();
        wheel.Schedule(before, 60_000);
        clock.Jumped = TimeSpan.FromHours(1);
        TimerProbe after = new();
        wheel.Schedule(after, wheel.Now + 5000);
        clock.AdvanceMilliseconds(1000);
        Assert.Single(before.Calls);
        clock.AdvanceMilliseconds(4000);
        Assert.Single(after.Calls);
    }

    [Fact]
    public void A_tick_does_not_touch_what_is_not_due()
    {
        const int Entries = 20_000;
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe[] later = [.. Enumerable.Range(0, Entries).Select(_ => new TimerProbe())];
        for (int i = 0; i < Entries; i++)
        {
            wheel.Schedule(later[i], 60_000 + i);
        }

        TimerProbe[] soon = [.. Enumerable.Range(0, 500).Select(_ => new TimerProbe())];
        for (int i = 0; i < soon.Length; i++)
        {
            wheel.Schedule(soon[i], i * Tick);
        }

        long before = later.Sum(probe => probe.Touches);
        for (int i = 0; i < 590; i++)
        {
            _clock.AdvanceMilliseconds(Tick);
        }

        Assert.All(soon, probe => Assert.Single(probe.Calls));
        Assert.Equal(before, later.Sum(probe => probe.Touches));
    }

    [Fact]
    public void What_is_due_in_many_turns_is_touched_once_a_turn()
    {
        const int Entries = 1000;
        const int Turns = 10;
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe[] probes = [.. Enumerable.Range(0, Entries).Select(_ => new TimerProbe())];
        foreach (TimerProbe probe in probes)
        {
            wheel.Schedule(probe, (Turns * (long)Turn) + 5000);
        }

        long before = probes.Sum(probe => probe.Touches);
        for (int i = 0; i < Turns * Turn / Tick; i++)
        {
            _clock.AdvanceMilliseconds(Tick);
        }

        // A touch is one look at a link; taking an entry off a list and putting it on another is a handful, its neighbours' included.
        Assert.InRange(probes.Sum(probe => probe.Touches) - before, Entries * Turns, Entries * (Turns + 1) * 8);
        Assert.All(probes, probe => Assert.Empty(probe.Calls));
        _clock.AdvanceMilliseconds(5000);
        Assert.All(probes, probe => Assert.Single(probe.Calls));
    }

    [Theory]
    [InlineData(5000, 300, 300)]  // scheduled later than returned
    [InlineData(300, 5000, 300)]  // scheduled earlier
    [InlineData(300, -1, 300)]
    [InlineData(-1, 300, 300)]
    [InlineData(-1, -1, -1)]
    [InlineData(0, -1, 100)]      // "now" means the next tick, not this one again
    [InlineData(-1, 0, 100)]
    public void The_earlier_of_scheduled_and_returned_counts(int scheduled, int returned, int expected)
    {
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe probe = new();
        probe.Body = now =>
        {
            probe.Body = _ => -1;
            if (scheduled >= 0)
            {
                wheel.Schedule(probe, now + 77_777); // of several calls the earliest counts
                wheel.Schedule(probe, now + scheduled);
                wheel.Schedule(probe, now + 88_888);
            }

            return returned < 0 ? -1 : now + returned;
        };
        wheel.Schedule(probe, 1000);
        for (int i = 0; i < 1000; i++)
        {
            _clock.AdvanceMilliseconds(Tick);
        }

        Assert.Equal(expected < 0 ? [1000] : [1000, 1000 + expected], probe.Calls);
    }

    [Fact]
    public void An_entry_that_wants_to_run_now_runs_once_a_tick_however_far_the_clock_jumps()
    {
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe probe = new() { Body = now => now };
        wheel.Schedule(probe, 0);
        _clock.AdvanceMilliseconds(Year);
        Assert.Single(probe.Calls);
        _clock.AdvanceMilliseconds(Tick);
        Assert.Equal(2, probe.Calls.Count);
    }

    [Fact]
    public void Cancel_during_its_own_call_is_final()
    {
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe probe = new();
        probe.Body = now =>
        {
            wheel.Schedule(probe, now);
            wheel.Cancel(probe);
            wheel.Schedule(probe, now);
            return now;
        };
        wheel.Schedule(probe, 0);
        _clock.AdvanceMilliseconds(Tick);
        wheel.Schedule(probe, wheel.Now);
        _clock.AdvanceMilliseconds(Turn);
        Assert.Single(probe.Calls);
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void An_entry_that_throws_is_reported_and_looked_at_again_and_harms_no_other()
    {
        TimerWheel<TimerProbe> wheel = NewWheel(_clock);
        TimerProbe[] probes = [.. Enumerable.Range(0, 3).Select(_ => new TimerProbe())];
        probes[1].Body = _ => throw new InvalidOperationException("broken");
        Assert.All(probes, probe => wheel.Schedule(probe, 50));
        _clock.AdvanceMilliseconds(Tick);
        Assert.All(probes, probe => Assert.Single(probe.Calls));
        Assert.Equal("broken", Assert.Single(_failures).Message);
        _clock.AdvanceMilliseconds(1000 - Tick);
        Assert.Single(probes[1].Calls);
        probes[1].Body = _ => -1;
        _clock.AdvanceMilliseconds(Tick);
        Assert.Equal([1, 2, 1], probes.Select(probe => probe.Calls.Count));
        _clock.AdvanceMilliseconds(Turn);
        Assert.Equal([1, 2, 1], probes.Select(probe => probe.Calls.Count));
        Assert.Single(_failures);
    }

    private TimerWheel<TimerProbe> NewWheel(TimeProvider clock) => new(new HostClock(clock, _failures.Add), _failures.Add);

    /// <summary>Its time can be moved without its timers.</summary>
    private sealed class JumpingClock : CountingClock
    {
        public TimeSpan Jumped { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Jumped.TotalSeconds * TimestampFrequency);
    }
}
