using Iocp.Core.Engines.Sockets;
using Xunit;

namespace Framing.Properties.Engines;

public sealed class PutOffReceivesTests
{
    private PutOffReceives _receives;

    [Fact]
    public void What_finds_something_is_put_off_every_time()
        => Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(0, ReceivesBetween(found: true)));

    [Fact]
    public void What_finds_nothing_is_put_off_ever_more_rarely_and_in_the_end_once_in_64_times()
        => Assert.Equal([0, 1, 3, 7, 15, 31, 63, 63, 63], Enumerable.Range(0, 9).Select(_ => ReceivesBetween(found: false)));

    [Fact]
    public void One_that_finds_something_is_enough_to_put_off_every_one_again()
    {
        for (int i = 0; i < 100; i++)
        {
            ReceivesBetween(found: false);
        }

        ReceivesBetween(found: true);
        Assert.Equal(0, ReceivesBetween(found: true));
    }

    [Fact]
    public void One_that_was_put_off_is_due_until_it_was_tried()
    {
        Assert.False(_receives.IsDue);
        Assert.True(_receives.Next());
        Assert.True(_receives.IsDue);
        _receives.OnTried(found: false);
        Assert.False(_receives.IsDue);
    }

    [Fact]
    public void Another_connection_begins_anew()
    {
        ReceivesBetween(found: false);
        ReceivesBetween(found: false);
        _receives.Next();
        _receives.Reset();
        Assert.False(_receives.IsDue);
        Assert.Equal(0, ReceivesBetween(found: false));
    }

    // How many are not put off before one is, which is tried.
    private int ReceivesBetween(bool found)
    {
        int count = 0;
        while (!_receives.Next())
        {
            count++;
        }

        _receives.OnTried(found);
        return count;
    }
}
