using Iocp.Core;
using Microsoft.Extensions.Time.Testing;

namespace Framing.Integration;

/// <summary>Deadlines on a clock that only the test moves.</summary>
internal static class Clock
{
    /// <summary>
    /// Moves the clock in small steps until the condition holds, for deadlines whose beginning a test cannot see, and for a last step that must not be
    /// missed: the server may set its timer a moment after the deadline can be seen on its wheel, and then sees only what is moved after that.
    /// Gives back how far it was moved: a deadline that came early shows in that.
    /// </summary>
    public static async Task<TimeSpan> AdvanceUntilAsync(this FakeTimeProvider time, Func<bool> condition, string what)
    {
        var step = TimeSpan.FromMilliseconds(500);
        TimeSpan moved = TimeSpan.Zero;
        await Eventually.TrueAsync(
            () =>
            {
                if (condition())
                {
                    return true;
                }

                time.Advance(step);
                moved += step;
                return false;
            },
            what);
        return moved;
    }

    /// <summary>Moves the clock until the server's only connection ends, with that reason.</summary>
    public static async Task TimesOutAsync(this FakeTimeProvider time, TestServer server, PlainClient client, Connection connection, CloseReason reason)
    {
        await time.AdvanceUntilAsync(() => connection.CloseReason != CloseReason.None, "it is closing");
        await client.ExpectEndAsync();
        client.Dispose();
        Assert.Equal(reason, (await server.OnlyCloseAsync()).Reason);
    }
}
