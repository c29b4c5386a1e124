using System.Collections.Concurrent;
using Iocp.Core;

namespace Framing.Integration;

public abstract class PullDeliveryTests(TestedEngine engine) : EngineTests(engine)
{
    private static readonly byte[][] s_five = [.. Enumerable.Range(0, 5).Select(i => Packets.Make(i * 100, (uint)i))];

    [Fact]
    public async Task Frames_are_taken_in_order_and_know_their_index_offset_and_connection()
    {
        await using TestServer server = await StartAsync();
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 200).Select(i => Packets.Make(i * 37 % 5000, (uint)i))];
            Task sending = client.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 999, 1, 20_000);
            List<Got> got = [];
            while (got.Count < sent.Length)
            {
                await Eventually.TrueAsync(
                    () =>
                    {
                        bool taken = server.Server.TryReceive(out ReceivedFrame frame, out _);
                        if (taken)
                        {
                            got.Add(Got.Take(frame));
                        }

                        return taken;
                    },
                    "a frame came");
            }

            await sending;
            Got.AssertIs(sent, got);
            Assert.Same(connection, got[0].Connection);
        }
    }

    [Fact]
    public async Task TryReceive_says_how_many_frames_are_still_waiting()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        Assert.False(server.Server.TryReceive(out _, out int queued));
        Assert.Equal(0, queued);

        await SendFiveAsync(server, client);
        for (int left = 4; left >= 0; left--)
        {
            // A frame is counted a moment before it can be taken.
            ReceivedFrame frame = default;
            await Eventually.TrueAsync(() => server.Server.TryReceive(out frame, out queued), "a frame is there");
            frame.Dispose();
            Assert.Equal(left, queued);
        }

        Assert.False(server.Server.TryReceive(out _, out queued));
        Assert.Equal(0, queued);
    }

    [Fact]
    public async Task ReceiveAsync_waits_for_a_frame()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        for (uint i = 0; i < 20; i++)
        {
            ValueTask<ReceivedFrame> receiving = server.Server.ReceiveAsync();
            Assert.False(receiving.IsCompleted);
            byte[] sent = Packets.Make(10, i);
            await client.SendAsync(sent);
            Assert.Equal(sent, Got.Take(await receiving.AsTask().Bounded()).Bytes);
        }
    }

    [Fact]
    public async Task A_cancelled_ReceiveAsync_loses_no_frame()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        for (uint i = 0; i < 50; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<ReceivedFrame> receiving = server.Server.ReceiveAsync(cancellation.Token).AsTask();
            byte[] sent = Packets.Make(10, i);
            Task sending = client.SendAsync(sent);
            Task cancelling = Task.Run(cancellation.Cancel);
            ReceivedFrame frame;
            try
            {
                frame = await receiving.Bounded();
            }
            catch (OperationCanceledException)
            {
                frame = await server.Server.ReceiveAsync().AsTask().Bounded();
            }

            Assert.Equal(sent, Got.Take(frame).Bytes);
            await Task.WhenAll(sending, cancelling);
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.Server.ReceiveAsync(new CancellationToken(canceled: true)).AsTask());
    }

    [Fact]
    public async Task A_cancelled_enumeration_throws_and_loses_no_frame()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        using var cancellation = new CancellationTokenSource();
        byte[][] sent = [Packets.Make(10, 1), Packets.Make(20, 2)];
        await client.SendAsync(sent[0]);
        await using (IAsyncEnumerator<ReceivedFrame> frames = server.Server.ReceiveAllAsync(cancellation.Token).GetAsyncEnumerator())
        {
            Assert.True(await frames.MoveNextAsync().AsTask().Bounded());
            Assert.Equal(sent[0], Got.Take(frames.Current).Bytes);
            Task<bool> waiting = frames.MoveNextAsync().AsTask();
            Assert.False(waiting.IsCompleted);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Bounded());
        }

        await client.SendAsync(sent[1]);
        await foreach (ReceivedFrame frame in server.Server.ReceiveAllAsync())
        {
            Assert.Equal(sent[1], Got.Take(frame).Bytes);
            break;
        }
    }

    [Fact]
    public async Task A_frame_is_kept_beyond_its_dispose_by_a_copy_in_memory_of_its_own()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        byte[] sent = Packets.Make(3000, 1);
        await client.SendAsync(sent);
        ReceivedFrame frame = await server.Server.ReceiveAsync().AsTask().Bounded();
        using var kept = frame.ToMemoryOwner();
        Assert.False(frame.Bytes.Span.Overlaps(kept.Span));
        frame.Dispose();
        Assert.Throws<ObjectDisposedException>(() => frame.ToMemoryOwner());

        // The memory of the first frame serves the next ones.
        for (uint i = 2; i < 10; i++)
        {
            await client.SendAsync(Packets.Make(3000, i));
            (await server.Server.ReceiveAsync().AsTask().Bounded()).Dispose();
        }

        Assert.Equal(sent, kept.Memory.ToArray());
    }

    [Fact]
    public async Task Encoders_may_rent_from_the_pool_of_the_host()
    {
        await using TestServer server = await StartAsync();
        Assert.IsType<PinnedArrayPool>(server.Server.BufferPool);
        byte[] rented = server.Server.BufferPool.Rent(100);
        Assert.Equal(1, server.Server.Pool.RentedCount);
        server.Server.BufferPool.Return(rented);
        Assert.Equal(0, server.Server.Pool.RentedCount);
    }

    [Fact]
    public async Task Several_consumers_share_the_frames_and_each_frame_goes_to_one_of_them()
    {
        await using TestServer server = await StartAsync();
        var got = new ConcurrentQueue<Got>();
        Task[] consumers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await foreach (ReceivedFrame frame in server.Server.ReceiveAllAsync())
            {
                got.Enqueue(Got.Take(frame));
            }
        }))];

        byte[][] sent = [.. Enumerable.Range(0, 500).Select(i => Packets.Make(i, (uint)i))];
        byte[] stream = [.. sent.SelectMany(frame => frame)];
        PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => server.ConnectAsync()));
        await Task.WhenAll(clients.Select(client => client.SendInPiecesAsync(stream, 1000, 17)));
        await Eventually.EqualAsync(3 * sent.Length, () => got.Count, "frames taken");
        await server.Server.StopAsync().Bounded();
        await Task.WhenAll(consumers).Bounded();

        foreach (IGrouping<Connection, Got> one in got.GroupBy(g => g.Connection))
        {
            Got.AssertIs(sent, one.OrderBy(g => g.Index));
        }

        Assert.Equal(3 * sent.Length, got.Count);
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task A_second_dispose_of_a_frame_does_nothing_even_when_its_memory_serves_another()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(s_five[1]);
        ReceivedFrame first = await server.Server.ReceiveAsync().AsTask().Bounded();
        ReceivedFrame copy = first;
        first.Dispose();
        await client.SendAsync(s_five[2]);
        using ReceivedFrame second = await server.Server.ReceiveAsync().AsTask().Bounded();
        first.Dispose();
        copy.Dispose();

        await client.SendAsync(s_five[3]);
        using ReceivedFrame third = await server.Server.ReceiveAsync().AsTask().Bounded();
        Assert.Equal(s_five[2], second.Bytes.ToArray());
        Assert.Equal(s_five[3], third.Bytes.ToArray());
    }

    [Fact]
    public async Task A_disposed_frame_shows_nothing()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(s_five[1]);
        ReceivedFrame frame = await server.Server.ReceiveAsync().AsTask().Bounded();
        ReceivedFrame copy = frame;
        Assert.Equal($"frame 0 of {frame.Connection.Id}: {s_five[1].Length} bytes at 0", $"{frame}");
        frame.Dispose();

        Assert.Equal("disposed", $"{copy}");
        Assert.Equal("disposed", $"{default(ReceivedFrame)}");
        Assert.Throws<ObjectDisposedException>(() => frame.Bytes);
        Assert.Throws<ObjectDisposedException>(() => copy.Bytes);
        Assert.Throws<ObjectDisposedException>(() => frame.Connection);
        Assert.Throws<ObjectDisposedException>(() => frame.Index);
        Assert.Throws<ObjectDisposedException>(() => frame.StreamOffset);
        Assert.Throws<ObjectDisposedException>(() => default(ReceivedFrame).Bytes);
        default(ReceivedFrame).Dispose();
    }

    [Fact]
    public async Task Frames_received_before_a_stop_stay_receivable_until_dispose()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        await SendFiveAsync(server, client);
        Task stopping = server.Server.StopAsync();
        Assert.Empty(await client.ReceiveToEndAsync());
        client.FinishSending();
        await stopping.Bounded();

        List<Got> got = [];
        await foreach (ReceivedFrame frame in server.Server.ReceiveAllAsync())
        {
            got.Add(Got.Take(frame));
        }

        Got.AssertIs(s_five, got);
        Assert.Equal(CloseReason.ServerStopping, (await server.OnlyCloseAsync()).Reason);
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Server.ReceiveAsync().AsTask().Bounded());
        await server.Server.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.Server.ReceiveAsync().AsTask().Bounded());
    }

    [Fact]
    public async Task Dispose_drops_what_was_not_taken_and_ends_the_waiting_of_consumers()
    {
        await using TestServer server = await StartAsync();
        Task<ReceivedFrame> waiting = server.Server.ReceiveAsync().AsTask();
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(s_five[0]);
        (await waiting.Bounded()).Dispose();

        await SendFiveAsync(server, client);
        client.FinishSending();
        await server.Server.DisposeAsync();
        Assert.False(server.Server.TryReceive(out _, out int queued));
        Assert.Equal(0, queued);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.Server.ReceiveAsync().AsTask().Bounded());
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task The_close_notification_follows_the_last_frame_taken()
    {
        await using TestServer server = await StartAsync();
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        await SendFiveAsync(server, client);
        await Wine.ReceiveIsOutstandingAsync(connection);
        client.Reset();
        await Eventually.TrueAsync(() => connection.IsReleased, "the reset was seen");

        for (int i = 0; i < s_five.Length; i++)
        {
            Assert.Empty(server.Closed);
            Assert.Equal(1, server.Server.ConnectionCount);
            Assert.True(server.Server.TryReceive(out ReceivedFrame frame, out _));
            Assert.Equal(s_five[i], Got.Take(frame).Bytes);
        }

        Assert.Same(connection, (await server.CloseOfAsync(connection)).Connection);
        Wine.AssertReset(connection);
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task Frames_of_a_connection_that_the_application_closed_are_dropped_and_others_are_not()
    {
        await using TestServer server = await StartAsync();
        (PlainClient gone, Connection closed) = await server.ConnectBothAsync();
        (PlainClient stays, Connection _) = await server.ConnectBothAsync();
        using (gone)
        using (stays)
        {
            await SendFiveAsync(server, gone);
            await stays.SendAsync(s_five[4]);
            await Eventually.EqualAsync(6, () => server.Server.GetStatistics().ReceiveQueueFrames, "frames queued");
            closed.Close();
            gone.FinishSending();

            Assert.Equal(s_five[4], Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded()).Bytes);
            Assert.False(server.Server.TryReceive(out _, out _));
            Assert.Equal(CloseReason.LocalClosed, (await server.CloseOfAsync(closed)).Reason);
        }
    }

    private static async Task SendFiveAsync(TestServer server, PlainClient client)
    {
        await client.SendAsync(s_five.SelectMany(frame => frame).ToArray());
        await Eventually.EqualAsync(5, () => server.Server.GetStatistics().ReceiveQueueFrames, "frames queued");
    }
}
