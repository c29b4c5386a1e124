using System.Net.Sockets;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>The application closes.</summary>
public abstract class LocalCloseTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task A_graceful_close_delivers_everything_that_was_queued()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.SendQueueBytesPerConnection = 4 << 20;
            options.SendBufferSize = 16_384;
            options.LingerTimeout = Eventually.Limit;
        });
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 500).Select(i => Packets.Make(4000, (uint)i))];
            Assert.All(sent, frame => Assert.Equal(SendStatus.Queued, connection.Send(frame).Status));
            connection.Close();
            Assert.Equal(SendStatus.Closed, connection.Send(sent[0]).Status);
            Assert.Equal(sent.SelectMany(frame => frame).ToArray(), await client.ReceiveToEndAsync());
            client.FinishSending();
            await ClosedLocallyAsync(server);
        }
    }

    [Fact]
    public async Task A_graceful_close_delivers_everything_also_when_the_peer_finishes_at_the_same_moment()
    {
        byte[][] sent = [.. Enumerable.Range(0, 20).Select(i => Packets.Make(8000, (uint)i))];
        byte[] expected = [.. sent.SelectMany(frame => frame)];
        await using TestServer server = await StartAsync(options =>
        {
            options.SendQueueBytesPerConnection = 4 << 20;
            options.ConnectionHandler = async (connection, frames, _) =>
            {
                await using IAsyncEnumerator<ReceivedFrame> enumerator = frames.GetAsyncEnumerator(CancellationToken.None);
                Assert.True(await enumerator.MoveNextAsync());
                Assert.All(sent, frame => Assert.Equal(SendStatus.Queued, connection.Send(frame).Status));
                connection.Close();
            };
        });
        for (int round = 0; round < 200; round++)
        {
            using PlainClient client = await server.ConnectAsync(receiveBufferSize: 8192);      // most of it is still to be taken at the close
            await client.SendAsync(sent[0]);
            Thread.SpinWait(round * 100);       // which moment it is is not known: somewhere the two meet
            client.FinishSending();
            Assert.Equal(expected, await client.ReceiveToEndAsync());
        }
    }

    [Fact]
    public async Task A_mode_that_does_not_exist_is_refused_and_closes_nothing()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            var refused = Assert.Throws<ArgumentOutOfRangeException>("mode", () => connection.Close((CloseMode)7));
            Assert.StartsWith("mode is 7; it must be one of Graceful, Abortive.", refused.Message, StringComparison.Ordinal);
            await client.EchoAsync();
        }
    }

    [Fact]
    public async Task An_abortive_close_resets_and_drops_what_was_queued()
    {
        Wine.SkipResets();
        await using TestServer server = await StartAsync(options => options.SendQueueBytesPerConnection = 64 << 20);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        using (client)
        {
            Assert.All(Enumerable.Range(0, 1500), i => Assert.Equal(SendStatus.Queued, connection.Send(Packets.Make(8000, (uint)i)).Status));
            connection.Close(CloseMode.Abortive);
            SocketException exception = await Assert.ThrowsAsync<SocketException>(client.ReceiveToEndAsync);
            Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
            await ClosedLocallyAsync(server);
            Assert.Equal(0, connection.BytesQueued);
        }
    }

    [Fact]
    public async Task An_abortive_close_cuts_a_graceful_one_short()
    {
        Wine.SkipResets();
        await using TestServer server = await StartAsync(options =>
        {
            options.SendQueueBytesPerConnection = 64 << 20;
            options.LingerTimeout = TimeSpan.FromDays(1);
            options.SendTimeout = Timeout.InfiniteTimeSpan;
        });
        (PlainClient sending, Connection stillSends) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        (PlainClient lingering, Connection lingers) = await server.ConnectBothAsync();
        using (sending)
        using (lingering)
        {
            Assert.All(Enumerable.Range(0, 1500), i => Assert.Equal(SendStatus.Queued, stillSends.Send(Packets.Make(8000, (uint)i)).Status));
            stillSends.Close();
            stillSends.Close(CloseMode.Abortive);
            await Assert.ThrowsAsync<SocketException>(sending.ReceiveToEndAsync);
            lingers.Close();
            Assert.Empty(await lingering.ReceiveToEndAsync());
            lingers.Close(CloseMode.Abortive);
            Assert.Equal(CloseReason.LocalClosed, (await server.CloseOfAsync(stillSends)).Reason);
            Assert.Equal(CloseReason.LocalClosed, (await server.CloseOfAsync(lingers)).Reason);
            await server.EachClosedOnceAsync();
        }
    }

    [Fact]
    public async Task An_answer_sent_just_before_the_close_arrives_whole_although_the_peer_goes_on_sending()
    {
        byte[] answer = Packets.MakeMany([8000, 8000, 8000]);
        await using TestServer server = await StartAsync(options =>
        {
            options.LingerTimeout = Eventually.Limit;
            options.Handler = new DelegateHandler((connection, _) =>
            {
                connection.Send(answer);
                connection.Close();
            });
        });
        for (int i = 0; i < 10; i++)
        {
            using PlainClient client = await server.ConnectAsync();
            Task sending = client.SendAsync(Packets.MakeMany(Enumerable.Repeat(8000, 1000)));
            Assert.Equal(answer, await client.ReceiveToEndAsync());
            await sending;
        }

        Assert.All(await server.EachClosedOnceAsync(), closed =>
        {
            Assert.Equal(CloseReason.LocalClosed, closed.Reason);
            Assert.Equal(1, closed.Connection.FramesReceived);
        });
    }

    [Fact]
    public async Task After_a_close_inside_OnFrame_no_frame_is_delivered()
    {
        int delivered = 0;
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            Interlocked.Increment(ref delivered);
            connection.Send(frame.Bytes);
            if (frame.Index == 2)
            {
                connection.Close();
                Assert.Equal(SendStatus.Closed, connection.Send(frame.Bytes).Status);
            }
        }));
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.MakeMany([5, 6, 7, 8, 9, 10]));
        Assert.Equal(Packets.MakeMany([5, 6, 7]), await client.ReceiveToEndAsync());
        client.FinishSending();
        await ClosedLocallyAsync(server);
        Assert.Equal(3, delivered);
    }

    [Fact]
    public async Task Closing_again_and_from_many_threads_changes_nothing()
    {
        await using TestServer server = await StartAsync(options => options.SendQueueBytesPerConnection = 4 << 20);
        for (int i = 0; i < 30; i++)
        {
            (PlainClient client, Connection connection) = await server.ConnectBothAsync();
            using (client)
            {
                byte[] sent = Packets.Make(8000, (uint)i);
                connection.Send(sent);
                await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => connection.Close())));
                Assert.Equal(sent, await client.ReceiveToEndAsync());
                connection.Close();
                client.FinishSending();
                Assert.Equal(CloseReason.LocalClosed, (await server.CloseOfAsync(connection)).Reason);
                connection.Close();
                connection.Close(CloseMode.Abortive);
            }
        }

        Assert.Equal(30, (await server.EachClosedOnceAsync()).Count);
    }

    [Fact]
    public async Task A_peer_that_never_finishes_is_released_after_the_linger_time_with_its_last_bytes_delivered()
    {
        await using TestServer server = await StartAsync(options => options.LingerTimeout = TimeSpan.FromMilliseconds(1));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[] last = Packets.Make(8000);
            connection.Send(last);
            connection.Close();
            await ClosedLocallyAsync(server);
            Assert.Equal(last, await client.ReceiveToEndAsync());
        }
    }

    [Fact]
    public async Task Nothing_of_a_closed_connection_breaks_when_it_is_used_on()
    {
        await using TestServer server = await StartAsync();
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        connection.Close(CloseMode.Abortive);
        await ClosedLocallyAsync(server);
        client.Dispose();

        connection.PauseReceiving();
        connection.ResumeReceiving();
        Assert.Equal(0, connection.BytesQueued);
        Assert.Equal(CloseReason.LocalClosed, connection.CloseReason);
        Assert.NotNull(connection.RemoteEndPoint);
        Assert.Null(Record.Exception(() => connection.LocalEndPoint));
    }

    private static async Task ClosedLocallyAsync(TestServer server)
    {
        Assert.Equal(CloseReason.LocalClosed, (await server.OnlyCloseAsync()).Reason);
        await server.EachClosedOnceAsync();
    }
}
