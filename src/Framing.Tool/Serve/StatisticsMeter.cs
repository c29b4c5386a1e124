using Iocp.Core;

namespace Framing.Tool.Serve;

/// <summary>The server's totals and their rates since the last reading.</summary>
internal readonly record struct StatisticsReading(FrameHostStatistics Totals, double FramesPerSecond, double MegabytesPerSecond, long WorkingSet);

/// <summary>Turns totals into rates. One thread at a time.</summary>
internal sealed class StatisticsMeter(FrameHost host)
{
    private readonly TimeProvider _time = TimeProvider.System;
    private long _readAt = TimeProvider.System.GetTimestamp();
    private long _frames;
    private long _bytes;

    /// <summary>Reads the totals. Rates are of what was received, a megabyte being 1,000,000 bytes.</summary>
    public StatisticsReading Read()
    {
        var totals = host.GetStatistics();
        var now = _time.GetTimestamp();
        var seconds = Math.Max(_time.GetElapsedTime(_readAt, now).TotalSeconds, 1e-6);
        var reading = new StatisticsReading(
            totals, (totals.FramesReceived - _frames) / seconds, (totals.BytesReceived - _bytes) / seconds / 1e6, Environment.WorkingSet);
        (_readAt, _frames, _bytes) = (now, totals.FramesReceived, totals.BytesReceived);
        return reading;
    }
}
