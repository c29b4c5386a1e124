using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

/// <summary>The host's milliseconds: on clocks whose timestamps are whole parts of one and on others, to the last, and on one that throws.</summary>
public sealed class HostClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1_193_182)]         // a PC's old timer
    [InlineData(3_579_545)]         // an ACPI timer
    [InlineData(10_000_000)]
    [InlineData(1_000_000_000)]
    public void Now_is_whole_milliseconds_since_construction(long frequency)
    {
        TimestampClock time = new(frequency) { Timestamp = 12_345_678 };
        HostClock clock = new(time, error => throw error);
        long began = time.Timestamp;
        Assert.Equal(0, clock.Now);

        foreach (long seconds in new long[] { 1, 2, 59, 3600, 86_400 })
        {
            time.Timestamp = began + (seconds * frequency);
            Assert.Equal(seconds * 1000, clock.Now);
        }

        time.Timestamp = began + Math.Max(1, frequency * 3 / 2000);    // one millisecond and a half, where the clock is that fine
        Assert.Equal(1000 * Math.Max(1, frequency * 3 / 2000) / frequency, clock.Now);
    }

    [Fact]
    public void It_stands_still_while_the_application_s_clock_throws_and_says_so_once_each_time()
    {
        TimestampClock time = new(1000);
        List<Exception> told = [];
        HostClock clock = new(time, told.Add);
        foreach (long when in new long[] { 10, 20 })
        {
            time.Timestamp = when;
            Assert.Equal(when, clock.Now);
            time.Failure = new InvalidOperationException("no time");
            time.Timestamp = when + 5;
            Assert.Equal(when, clock.Now);
            Assert.Equal(when, clock.Now);
            Assert.Same(time.Failure, told[^1]);
            time.Failure = null;
            Assert.Equal(when + 5, clock.Now);
        }

        Assert.Equal(2, told.Count);
        time.Failure = new InsufficientMemoryException();
        Assert.Throws<InsufficientMemoryException>(() => clock.Now);
    }

    [Fact]
    public void It_is_never_negative()
    {
        TimestampClock time = new(1000) { Timestamp = 5000 };
        HostClock clock = new(time, error => throw error);
        time.Timestamp = 6000;
        Assert.Equal(1000, clock.Now);
        time.Timestamp = 2000;
        Assert.Equal(0, clock.Now);
        time.Timestamp = 5001;
        Assert.Equal(1, clock.Now);
    }

    private sealed class TimestampClock(long frequency) : TimeProvider
    {
        public long Timestamp { get; set; }

        public Exception? Failure { get; set; }

        public override long TimestampFrequency => frequency;

        public override long GetTimestamp() => Failure is null ? Timestamp : throw Failure;
    }
}
