using BenchmarkDotNet.Attributes;
using Iocp.Core;

namespace Framing.Benchmarks;

/// <summary>Deadlines moved on a wheel that holds many. Times are for one.</summary>
[MemoryDiagnoser]
public class TimerWheelBenchmarks
{
    private const int Moves = 1024;

    private readonly TimerWheel<Entry> _wheel = new(new HostClock(TimeProvider.System, _ => { }), _ => { });
    private Entry[] _entries = null!;
    private long _due = 3_600_000;      // far away: nothing fires meanwhile

    /// <summary>Entries on the wheel.</summary>
    [Params(1024, 100_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _entries = new Entry[Entries];
        for (int i = 0; i < Entries; i++)
            _wheel.Schedule(_entries[i] = new Entry(), _due + (i * 100L));
    }

    [Benchmark(OperationsPerInvoke = Moves)]
    public void Schedule()
    {
        _due += 100;
        int step = Entries / Moves;
        for (int i = 0; i < Moves; i++)
            _wheel.Schedule(_entries[i * step], _due + (i * 100L));
    }

    private sealed class Entry : ITimerEntry<Entry>
    {
        private TimerLink<Entry> _link;

        public ref TimerLink<Entry> TimerLink => ref _link;

        public long OnTimer(long now) => -1;
    }
}
