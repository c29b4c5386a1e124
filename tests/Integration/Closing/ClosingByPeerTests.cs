using System.Net.Sockets;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>The peer finishes, breaks off or resets.</summary>
public abstract class ClosingByPeerTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task A_peer_that_has_finished_sending_still_gets_its_answers_inline()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        using PlainClient client = await server.ConnectAsync();
        byte[] sent = Packets.MakeMany(Enumerable.Range(0, 300).Select(i => i * 101 % 8193));
        Task<byte[]> receiving = client.ReceiveToEndAsync();
        await client.SendInPiecesAsync(sent, 9000, 1);
        client.FinishSending();
        Assert.Equal(sent, await receiving);
        await ClosedAsync(server, CloseReason.RemoteClosed);
    }

    [Fact]
    public async Task A_peer_that_has_finished_sending_still_gets_its_answers_until_its_last_frame_is_disposed()
    {
        await using TestServer server = await StartAsync(options => options.DrainTimeout = Eventually.Limit);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[] sent = Packets.MakeMany([10, 20, 30]);
            await client.SendAsync(sent);
            client.FinishSending();
            await Eventually.TrueAsync(() => connection.IsInputEnded, "the end was seen");
            List<ReceivedFrame> frames = [];
            for (int i = 0; i < 3; i++)
            {
                frames.Add(await server.Server.ReceiveAsync().AsTask().Bounded());
            }

            // Taken, but not disposed: in any order, and answers leave meanwhile.
            foreach (ReceivedFrame frame in frames)
            {
                Assert.Equal(SendStatus.Queued, connection.Send(frame.Bytes).Status);
            }

            Assert.Equal(sent, await client.ReceiveAsync(sent.Length));
            frames[2].Dispose();
            frames[0].Dispose();
            Assert.Equal(SendStatus.Queued, connection.Send(frames[1].Bytes).Status);
            frames[1].Dispose();
            Assert.Equal(Packets.Make(20, 1), await client.ReceiveToEndAsync());
            Assert.Equal(SendStatus.Closed, connection.Send(sent).Status);
        }

        await ClosedAsync(server, CloseReason.RemoteClosed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(5011)]
    public async Task An_end_inside_a_frame_is_a_truncation_after_the_frames_before_it(int partial)
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        using PlainClient client = await server.ConnectAsync();
        byte[] whole = Packets.MakeMany([3, 700]);
        await client.SendAsync((byte[])[.. whole, .. Packets.Make(5000).AsSpan(0, partial)]);
        client.FinishSending();
        Assert.Equal(whole, await client.ReceiveToEndAsync());
        ConnectionClosed closed = await ClosedAsync(server, CloseReason.TruncatedFrame);
        Assert.Null(closed.Rejection);
        Assert.Equal(2, closed.Connection.FramesReceived);
    }

    [Fact]
    public async Task A_peer_that_finishes_without_a_byte_has_closed()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        using PlainClient client = await server.ConnectAsync();
        client.FinishSending();
        Assert.Empty(await client.ReceiveToEndAsync());
        await ClosedAsync(server, CloseReason.RemoteClosed);
    }

    [Fact]
    public async Task A_reset_is_a_reset()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using PlainClient peer = client;
        byte[] sent = Packets.Make(100);
        await client.SendAsync(sent);
        Assert.Equal(sent, await client.ReceiveFrameAsync());
        await Wine.ReceiveIsOutstandingAsync(connection);
        client.Reset();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Wine.AssertReset(closed.Connection);
        Assert.Equal(closed.Reason, closed.Connection.CloseReason);
        if (closed.Reason == CloseReason.RemoteReset)
        {
            Assert.IsType<SocketException>(closed.Error, exactMatch: false);
        }

        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task A_reset_while_we_send_is_a_reset_and_drops_what_was_queued()
    {
        await using TestServer server = await StartAsync(options => options.SendQueueBytesPerConnection = 16 << 20);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        for (uint i = 0; i < 1500; i++)
        {
            Assert.Equal(SendStatus.Queued, connection.Send(Packets.Make(8000, i)).Status);
        }

        await client.ReceiveAsync(100_000);
        client.Reset();
        await ClosedAsync(server, CloseReason.RemoteReset);
        Assert.Equal(0, connection.BytesQueued);
    }

    [Fact]
    public async Task The_first_cause_stays_the_reason()
    {
        await using TestServer server = await StartAsync(options => options.DrainTimeout = Eventually.Limit);
        (PlainClient ended, Connection peerFirst) = await server.ConnectBothAsync();
        (PlainClient reset, Connection localFirst) = await server.ConnectBothAsync();
        using (ended)
        {
            await ended.SendAsync(Packets.Make(1));
            ended.FinishSending();
            await Eventually.TrueAsync(() => peerFirst.CloseReason == CloseReason.RemoteClosed, "the end was seen");
            peerFirst.Close();
            peerFirst.Close(CloseMode.Abortive);
            localFirst.Close();
            Assert.Empty(await reset.ReceiveToEndAsync());
            reset.Reset();
            Assert.False(server.Server.TryReceive(out _, out _));     // dropped by our close
            Assert.Equal(CloseReason.RemoteClosed, (await server.CloseOfAsync(peerFirst)).Reason);
            Assert.Equal(CloseReason.LocalClosed, (await server.CloseOfAsync(localFirst)).Reason);
            await server.EachClosedOnceAsync();
        }
    }

    [Fact]
    public async Task Peers_that_connect_and_leave_at_once_are_each_notified_once_and_others_are_served()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        using PlainClient stays = await server.ConnectAsync();
        Task[] leaving = [.. Enumerable.Range(0, 3).Select(task => Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                using PlainClient client = await server.ConnectAsync();
                if ((i + task) % 3 == 0)
                {
                    await client.SendAsync(Packets.Make(i));
                }

                if (i % 2 == 0)
                {
                    client.Reset();
                }
            }
        }))];
        for (uint i = 0; i < 100; i++)
        {
            byte[] mine = Packets.Make(100, i);
            await stays.SendAsync(mine);
            Assert.Equal(mine, await stays.ReceiveFrameAsync());
        }

        await Task.WhenAll(leaving).Bounded();
        stays.FinishSending();
        Assert.Empty(await stays.ReceiveToEndAsync());
        using (PlainClient last = await server.ConnectAsync())
        {
            await last.EchoAsync();     // so the backlog has been emptied of those before it, who may have left before they were accepted
        }

        // Before the server stops: a stop would close those whose end it has not seen.
        await server.EmptyAsync();
        Assert.All(server.Closed, closed => Assert.Contains(closed.Reason, new[] { CloseReason.RemoteClosed, CloseReason.RemoteReset }));
        await server.EachClosedOnceAsync();
    }

    private static async Task<ConnectionClosed> ClosedAsync(TestServer server, CloseReason reason)
    {
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(reason, closed.Reason);
        Assert.Equal(reason, closed.Connection.CloseReason);
        await server.EachClosedOnceAsync();
        return closed;
    }
}
