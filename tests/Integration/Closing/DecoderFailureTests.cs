using Iocp.Core;
using Microsoft.Extensions.Logging;

namespace Framing.Integration;

/// <summary>A user's decoder that is wrong costs its own connection only.</summary>
public abstract class DecoderFailureTests(TestedEngine engine) : EngineTests(engine)
{
    private static readonly InvalidOperationException s_thrown = new("at X");

    public enum Breach
    {
        Throws,
        ReturnsDefault,
        SkipsNothing,
        ConsumesMoreThanThereIs,
        FrameBeyondConsumed,
        AsksForNoMoreThanItHas,
        AsksForMoreThanMaxFrameLength,
        RejectsWithoutReason,
    }

    public static TheoryData<Breach> Breaches => [.. Enum.GetValues<Breach>()];

    [Theory]
    [MemberData(nameof(Breaches))]
    public async Task A_decoder_that_throws_or_breaks_its_contract_closes_its_connection_after_the_frames_before(Breach breach)
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(
            options =>
            {
                options.Handler = new EchoHandler();
                options.LoggerFactory = journal;
            },
            new BrokenFraming(unread => Break(breach, unread.Length)));
        using PlainClient other = await server.ConnectAsync();
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync("abcXdef"u8.ToArray());
        Assert.Equal("abc"u8.ToArray(), await client.ReceiveToEndAsync());
        client.FinishSending();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.DecoderFailed, closed.Reason);
        Assert.Equal(1, journal.Count($"Connection {closed.Connection.Id} is closed: DecoderFailed"));
        Assert.Null(closed.Rejection);
        if (breach == Breach.Throws)
        {
            Assert.Same(s_thrown, closed.Error);
        }
        else
        {
            Assert.IsType<InvalidOperationException>(closed.Error);
        }

        await other.SendAsync("xyz"u8.ToArray());
        Assert.Equal("xyz"u8.ToArray(), await other.ReceiveAsync(3));
        other.FinishSending();
        Assert.Empty(await other.ReceiveToEndAsync());
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task A_decoder_that_throws_from_Dispose_hides_neither_the_notification_nor_the_reason()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(
            options =>
            {
                options.Handler = new EchoHandler();
                options.LoggerFactory = journal;
            },
            new BrokenFraming(_ => default, atDispose: () => throw s_thrown));
        for (int i = 0; i < 3; i++)
        {
            (PlainClient client, Connection connection) = await server.ConnectBothAsync();
            using (client)
            {
                await client.SendAsync("ab"u8.ToArray());
                client.FinishSending();
                Assert.Equal("ab"u8.ToArray(), await client.ReceiveToEndAsync());
                Assert.Equal(CloseReason.RemoteClosed, (await server.CloseOfAsync(connection)).Reason);
                Assert.Same(s_thrown, journal.ExceptionOf($"The decoder of connection {connection.Id} threw"));
            }
        }

        await server.EachClosedOnceAsync();
        Assert.Equal(3, journal.Count("The decoder of connection ", LogLevel.Error));
    }

    [Fact]
    public async Task A_decoder_is_disposed_once_for_each_connection()
    {
        int disposed = 0;
        await using TestServer server = await StartAsync(
            options => options.Handler = new EchoHandler(), new BrokenFraming(_ => default, atDispose: () => Interlocked.Increment(ref disposed)));
        for (int i = 0; i < 20; i++)
        {
            using PlainClient client = await server.ConnectAsync();
            await client.SendAsync(i % 2 == 0 ? "ab"u8.ToArray() : "aX"u8.ToArray());
            await client.ReceiveAsync(1);
        }

        await Eventually.EqualAsync(20, () => server.Closed.Count, "close notifications");
        await server.EachClosedOnceAsync();
        Assert.Equal(20, disposed);
    }

    private static DecodeResult Break(Breach breach, int have) => breach switch
    {
        Breach.Throws => throw s_thrown,
        Breach.SkipsNothing => DecodeResult.Skip(0),
        Breach.ConsumesMoreThanThereIs => DecodeResult.Skip(have + 1),
        Breach.FrameBeyondConsumed => DecodeResult.Frame(1, 1, 1),
        Breach.AsksForNoMoreThanItHas => DecodeResult.NeedMore(have),
        Breach.AsksForMoreThanMaxFrameLength => DecodeResult.NeedMore(101),
        Breach.RejectsWithoutReason => DecodeResult.Reject(null!),
        _ => default,
    };
}
