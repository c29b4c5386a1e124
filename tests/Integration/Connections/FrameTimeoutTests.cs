using System.Runtime.CompilerServices;
using Framing.Binary;
using Iocp.Core;
using Microsoft.Extensions.Time.Testing;

namespace Framing.Integration;

/// <summary>The deadline of a frame in progress, on a clock that only the test moves: a message of several packets is one frame.</summary>
public abstract class FrameTimeoutTests(TestedEngine engine) : EngineTests(engine)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_message_that_drips_is_closed_in_time_and_no_packet_of_it_gives_it_more()
    {
        await using TestServer server = await StartOnClockAsync(new MessageFraming());
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        byte[][] packets = Messages.Packets(100, 1, 1);
        long? since = null;
        for (int i = 0; i < 6; i++)
        {
            await client.SendAsync(packets[i]);
            await Eventually.EqualAsync((i + 1) * 13L, () => connection.BytesReceived, "the number of bytes");
            since = await BeganAsync(connection, since);
            _time.Advance(TimeSpan.FromSeconds(i < 5 ? 10 : 10 - s_tick.TotalSeconds));
            Assert.Equal(CloseReason.None, connection.CloseReason);
        }

        await _time.TimesOutAsync(server, client, connection, CloseReason.FrameTimeout);
        Assert.Equal(0, connection.FramesReceived);
    }

    [Fact]
    public async Task A_single_packet_that_drips_is_closed_in_time_too()
    {
        await using TestServer server = await StartOnClockAsync(BinaryFraming.Create());
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        byte[] packet = Packets.Make(100);
        long? since = null;
        for (int i = 0; i < 6; i++)
        {
            await client.SendAsync(packet.AsMemory(i, 1));
            await Eventually.EqualAsync(i + 1L, () => connection.BytesReceived, "the number of bytes");
            since = await BeganAsync(connection, since);
            Assert.Equal(CloseReason.None, connection.CloseReason);
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        await _time.TimesOutAsync(server, client, connection, CloseReason.FrameTimeout);
    }

    [Fact]
    public async Task It_does_not_run_between_frames_and_begins_with_each()
    {
        await using TestServer server = await StartOnClockAsync(BinaryFraming.Create());
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        byte[] packet = Packets.Make(20);
        for (int i = 0; i < 4; i++)
        {
            await client.SendAsync(packet.AsMemory(0, 20));
            await Eventually.EqualAsync((i * 32L) + 20, () => connection.BytesReceived, "the number of bytes");
            _time.Advance(TimeSpan.FromSeconds(50));
            Assert.Equal(CloseReason.None, connection.CloseReason);
            await client.SendAsync(packet.AsMemory(20));
            Assert.Equal(packet, await client.ReceiveAsync(32));
            _time.Advance(TimeSpan.FromSeconds(i % 2 == 0 ? 50 : 1000));
            Assert.Equal(CloseReason.None, connection.CloseReason);
        }

        await client.SendAsync(packet.AsMemory(0, 20));
        await BeganAsync(connection);
        _time.Advance(TimeSpan.FromSeconds(60) - s_tick);
        Assert.Equal(CloseReason.None, connection.CloseReason);
        await _time.TimesOutAsync(server, client, connection, CloseReason.FrameTimeout);
        Assert.Equal(4, connection.FramesReceived);
    }

    [Fact]
    public async Task It_does_not_run_while_what_came_is_not_read()
    {
        await using TestServer server = await StartOnClockAsync(BinaryFraming.Create());
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        byte[] packet = Packets.Make(20);
        await client.SendAsync(packet.AsMemory(0, 20));
        await BeganAsync(connection);
        connection.PauseReceiving();
        await client.SendAsync(packet.AsMemory(20));
        await Eventually.TrueAsync(() => connection.Gate().IsStopped, "the reader has stopped");     // it knows then that something waits
        _time.Advance(TimeSpan.FromSeconds(200));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(CloseReason.None, connection.CloseReason);
        connection.ResumeReceiving();
        Assert.Equal(packet, await client.ReceiveAsync(32));
    }

    [Fact]
    public async Task What_is_left_of_it_runs_on_after_a_pause()
    {
        await using TestServer server = await StartOnClockAsync(BinaryFraming.Create());
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        byte[] packet = Packets.Make(20);
        await client.SendAsync(packet.AsMemory(0, 20));
        await BeganAsync(connection);
        AdvanceInSeconds(connection, 20);
        connection.PauseReceiving();
        await client.SendAsync(packet.AsMemory(20, 1));     // the reader stops when there is something to read
        await Eventually.TrueAsync(() => connection.Gate().IsStopped, "the reader has stopped");
        AdvanceInSeconds(connection, 230);      // so that the last look of the pause was 10 s ago
        connection.ResumeReceiving();
        await client.SendAsync(packet.AsMemory(21, 1));
        await Eventually.EqualAsync(22L, () => connection.BytesReceived, "the number of bytes");    // so the reader has begun again
        AdvanceInSeconds(connection, 39);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        await Eventually.EqualAsync(CloseReason.FrameTimeout, () => connection.CloseReason, "why it is closing");
        await client.ExpectEndAsync();
        client.Dispose();
        Assert.Equal(CloseReason.FrameTimeout, (await server.OnlyCloseAsync()).Reason);
    }

    [Fact]
    public async Task It_is_seen_at_the_end_of_a_pause_in_which_nothing_came()
    {
        await using TestServer server = await StartOnClockAsync(BinaryFraming.Create());
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyOnWheelAsync();
        await client.SendAsync(Packets.Make(20).AsMemory(0, 20));
        await BeganAsync(connection);
        AdvanceInSeconds(connection, 30);
        connection.PauseReceiving();
        AdvanceInSeconds(connection, 31);       // so that the last look was in the pause
        connection.ResumeReceiving();
        TimeSpan moved = await _time.AdvanceUntilAsync(() => connection.CloseReason == CloseReason.FrameTimeout, "it is closing");
        Assert.InRange(moved, TimeSpan.Zero, TimeSpan.FromSeconds(2));      // its time was over already
    }

    // What is in progress, and that the reader has stopped, is seen from outside in no other way: what is sent during a pause may be read or left to the system.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_assembler")]
    private static extern ref FrameAssembler AssemblerOf(Connection connection);

    // Waits until a frame is in progress; gives back when it began, which what came since then has not changed. (The latest bytes are counted before they are decoded, those before them have been.)
    private static async Task<long?> BeganAsync(Connection connection, long? before = null)
    {
        await Eventually.TrueAsync(() => AssemblerOf(connection).InProgressSince is not null, "a frame is in progress");
        long? since = AssemblerOf(connection).InProgressSince;
        Assert.Equal(before ?? since, since);
        return since;
    }

    // In small steps, so that the connection is looked at when its time has come and not later.
    private void AdvanceInSeconds(Connection connection, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(CloseReason.None, connection.CloseReason);
        }
    }

    private Task<TestServer> StartOnClockAsync(IFraming framing) => StartAsync(
        options =>
        {
            options.TimeProvider = _time;
            options.Handler = new EchoHandler();
            options.FirstFrameTimeout = options.SendTimeout = Timeout.InfiniteTimeSpan;
            options.FrameTimeout = TimeSpan.FromSeconds(60);
            options.LingerTimeout = TimeSpan.FromDays(20);
        },
        framing);
}
