using HdrHistogram;

namespace Framing.Tool.Load;

/// <summary>Latencies, recorded without a lock in a histogram for each thread and merged at the end.</summary>
internal sealed class Latencies : IDisposable
{
    private const int Digits = 3;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly long _highest;
    private readonly double _ticksPerMicrosecond;
    private readonly LongHistogram _all;        // made first: what it is made of is loaded while there are descriptors for that
    private readonly ThreadLocal<LongHistogram> _ofThread;

    public Latencies(TimeProvider time)
    {
        _highest = (long)(Longest.TotalSeconds * time.TimestampFrequency);
        _ticksPerMicrosecond = time.TimestampFrequency / 1e6;
        _all = new LongHistogram(_highest, Digits);
        _ofThread = new ThreadLocal<LongHistogram>(() => new LongHistogram(_highest, Digits), trackAllValues: true);
    }

    /// <summary>Records a difference of two timestamps.</summary>
    public void Record(long ticks) => _ofThread.Value!.RecordValue(Math.Clamp(ticks, 0, _highest));

    /// <summary>The percentiles, in microseconds; once. Nobody may record any more.</summary>
    public LatencySummary Summarise()
    {
        foreach (var one in _ofThread.Values)
            _all.Add(one);
        double At(double percentile) => _all.TotalCount == 0 ? 0 : _all.GetValueAtPercentile(percentile) / _ticksPerMicrosecond;
        return new LatencySummary(At(50), At(90), At(99), At(99.9), At(100));
    }

    public void Dispose() => _ofThread.Dispose();
}

/// <summary>Latency percentiles in microseconds.</summary>
internal readonly record struct LatencySummary(double P50, double P90, double P99, double P999, double Max);
