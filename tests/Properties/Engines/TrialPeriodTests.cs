using Iocp.Core.Engines.IoUring;
using Xunit;

namespace Framing.Properties.Engines;

public sealed class TrialPeriodTests
{
    private readonly TrialPeriod _trial = new();

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(5000)]
    public void What_succeeds_is_always_tried(int tries)
        => Assert.Equal(1, TriedShare(turns: 300_000 / tries, tries, successShare: 1));

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(1000)]
    public void What_succeeds_one_time_in_ten_is_always_tried(int tries)
        => Assert.Equal(1, TriedShare(turns: 300_000 / tries, tries, successShare: 0.1));

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(5000)]
    public void What_hardly_ever_succeeds_is_rarely_tried(int tries)
    {
        // A trial of 16 turns at least, and a rest of 131,072 times.
        double longest = Math.Max(16_384 + tries, 17 * tries);
        Assert.InRange(TriedShare(turns: 2_000_000 / tries, tries, successShare: 0.01), 0.01, 1.2 * longest / (longest + 131_072));
    }

    [Fact]
    public void What_succeeds_again_is_tried_again()
    {
        TriedShare(turns: 50_000, tries: 20, successShare: 0);
        TriedShare(turns: 20_000, tries: 20, successShare: 1);
        Assert.Equal(1, TriedShare(turns: 50_000, tries: 20, successShare: 1));
    }

    [Fact]
    public void Failures_that_are_told_during_a_rest_count_for_nothing()
    {
        TriedShare(turns: 1000, tries: 20, successShare: 0);
        Assert.False(_trial.IsWorthTrying());
        _trial.OnFailed(1_000_000);
        TriedShare(turns: 131_072 / 20, tries: 20, successShare: 1);
        Assert.Equal(1, TriedShare(turns: 10_000, tries: 20, successShare: 1));
    }

    [Fact]
    public void Turns_without_a_try_end_no_trial()
    {
        for (int i = 0; i < 100; i++)
        {
            _trial.OnTried(0);
        }

        Assert.Equal(1, TriedShare(turns: 15, tries: 5000, successShare: 0));
    }

    // The failures of a turn are told before the next.
    private double TriedShare(int turns, int tries, double successShare)
    {
        long tried = 0;
        double failures = 0;
        for (int turn = 0; turn < turns; turn++)
        {
            int now = Enumerable.Range(0, tries).Count(_ => _trial.IsWorthTrying());
            _trial.OnFailed((int)failures);
            failures -= (int)failures;
            _trial.OnTried(now);
            failures += now * (1 - successShare);
            tried += now;
        }

        _trial.OnFailed((int)failures);
        return (double)tried / ((long)turns * tries);
    }
}
