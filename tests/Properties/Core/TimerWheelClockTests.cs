using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

/// <summary>The wheel's milliseconds, on clocks whose timestamps are whole parts of one and on others, to the last.</summary>
public sealed class TimerWheelClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1_193_182)]         // a PC's old timer
    [InlineData(3_579_545)]         // an ACPI timer
    [InlineData(10_000_000)]
    [InlineData(1_000_000_000)]
    public async Task Now_is_whole_milliseconds_since_construction(long frequency)
    {
        TimestampClock clock = new(frequency) { Timestamp = 12_345_678 };
        await using TimerWheel<TimerProbe> wheel = new(clock, (_, error) => throw error);
        long began = clock.Timestamp;
        Assert.Equal(0, wheel.Now);

        foreach (long seconds in new long[] { 1, 2, 59, 3600, 86_400 })
        {
            clock.Timestamp = began + (seconds * frequency);
            Assert.Equal(seconds * 1000, wheel.Now);
        }

        clock.Timestamp = began + Math.Max(1, frequency * 3 / 2000);    // one millisecond and a half, where the clock is that fine
        Assert.Equal(1000 * Math.Max(1, frequency * 3 / 2000) / frequency, wheel.Now);
    }

    private sealed class TimestampClock(long frequency) : TimeProvider
    {
        public long Timestamp { get; set; }

        public override long TimestampFrequency => frequency;

        public override long GetTimestamp() => Timestamp;
    }
}
