using System.Collections.Concurrent;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>A peer that sends faster than the application takes.</summary>
public abstract class FloodTests(TestedEngine engine) : EngineTests(engine)
{
    private const int LongestRead = 65_536;

    [Fact]
    public async Task A_full_queue_holds_no_more_than_its_frames_and_drops_none()
    {
        const int bound = 50;
        const int flooders = 3;
        await using TestServer server = await StartAsync(options =>
        {
            options.ReceiveQueueFrames = bound;
            options.ReceiveBufferSize = 16_384;
        });
        byte[][] sent = [.. Enumerable.Range(0, 2500).Select(i => Packets.Make(i % 1500, (uint)i))];
        byte[] stream = [.. sent.SelectMany(frame => frame)];
        PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, flooders).Select(_ => server.ConnectAsync()));
        Task[] sending = [.. clients.Select(client => client.SendInPiecesAsync(stream, 30_000, 500))];
        ReceiveQueue queue = QueueOf(server);
        await Eventually.TrueAsync(() => queue.InLine == flooders && queue.Frames == bound, "the queue was full and each had a frame in line");
        Assert.All(server.Server.Connections, one => Assert.InRange(one.BytesReceived, 1, ((bound + 1) * 1512) + LongestRead));
        Assert.Equal(bound + flooders, server.Server.Connections.Sum(one => one.FramesReceived));       // and nobody's gate is open

        List<Got> got = [];
        while (got.Count < flooders * sent.Length)
        {
            got.Add(Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded()));
            Assert.InRange(queue.InLine, 0, flooders);
        }

        // Those in line had their turn before anybody's next frame.
        Assert.Equal(flooders, got.Skip(bound).Take(flooders).Select(frame => frame.Connection).Distinct().Count());
        Assert.All(got.GroupBy(frame => frame.Connection), one => Got.AssertIs(sent, one));
        await Task.WhenAll(sending);
        Array.ForEach(clients, client => client.Dispose());
    }

    [Theory]
    [InlineData(20_000, 1000)]
    [InlineData(100, 5000)]     // a frame longer than the bound has the queue for itself
    public async Task A_full_queue_holds_no_more_than_its_bytes_and_drops_none(int bound, int payload)
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.ReceiveQueueBytes = bound;
            options.ReceiveBufferSize = 16_384;
        });
        using PlainClient client = await server.ConnectAsync();
        byte[][] sent = [.. Enumerable.Range(0, 1000).Select(i => Packets.Make(payload, (uint)i))];
        Task sending = client.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 30_000);
        ReceiveQueue queue = QueueOf(server);
        await Eventually.EqualAsync(1, () => queue.InLine, "frames in line");

        List<Got> got = [];
        long most = Math.Max(bound, sent[0].Length);
        while (got.Count < sent.Length)
        {
            // An attempt that finds no room is counted for an instant, by one thread of this one connection.
            Assert.InRange(queue.Bytes, 0, most + sent[0].Length);
            Assert.InRange(queue.Frames, 0, (int)(most / sent[0].Length) + 1);
            got.Add(Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded()));
        }

        Got.AssertIs(sent, got);
        await sending;
    }

    [Fact]
    public async Task A_flood_fills_its_share_only_and_others_are_served()
    {
        const int share = 20_000;
        const int payload = 1012;       // 1,024 bytes with its header: a frame counts in full 128 bytes
        await using TestServer server = await StartAsync(options =>
        {
            options.ReceiveQueueBytesPerConnection = share;
            options.ReceiveBufferSize = 16_384;
        });
        (PlainClient flooder, Connection flooding) = await server.ConnectBothAsync();
        using PlainClient modest = await server.ConnectAsync();
        using (flooder)
        {
            byte[][] sent = [.. Enumerable.Range(0, 3000).Select(i => Packets.Make(payload, (uint)i))];
            int length = sent[0].Length;
            Task sending = flooder.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 30_000);
            List<Got> got = [];
            for (uint round = 0; round < 20; round++)
            {
                // Paused when it filled its share, and until half of that was taken.
                await Eventually.TrueAsync(() => flooding.IsPaused && flooding.UntakenBytes > share / 2, "the flood filled its share");
                int before = (int)(flooding.UntakenBytes / length);
                Assert.InRange(flooding.UntakenBytes, (share / 2) + 1, share + length);
                byte[] mine = Packets.Make(5, round, type: 2);
                await modest.SendAsync(mine);
                // Counted when a read is done with, and so all of them queued.
                await Eventually.EqualAsync(got.Count + round + before + 1, () => server.Server.GetStatistics().FramesReceived, "frames queued so far");

                // No more than the share stands before the other's frame; the flood's last may be on its way into the queue, and come behind it.
                int others = 0;
                for (int i = 0; i <= before; i++)
                {
                    Got next = Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded());
                    if (next.Connection == flooding)
                    {
                        got.Add(next);
                    }
                    else
                    {
                        Assert.Equal(mine, next.Bytes);
                        others++;
                    }
                }

                Assert.Equal(1, others);
            }

            while (got.Count < sent.Length)
            {
                got.Add(Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded()));
            }

            Got.AssertIs(sent, got);
            await sending;
        }
    }

    [Fact]
    public async Task A_handler_that_does_not_take_pauses_its_own_connection_only()
    {
        const int share = 20_000;
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var got = new ConcurrentQueue<Got>();
        long most = 0;
        await using TestServer server = await StartAsync(options =>
        {
            options.ReceiveQueueBytesPerConnection = share;
            options.ReceiveBufferSize = 16_384;
            options.ConnectionHandler = async (connection, frames, closed) =>
            {
                await foreach (ReceivedFrame frame in frames.WithCancellation(closed))
                {
                    Got next = Got.Take(frame);
                    if (Packets.Type(next.Bytes) == 2)
                    {
                        connection.Send(next.Bytes);
                        continue;
                    }

                    await goOn.Task;
                    most = Math.Max(most, connection.UntakenBytes);
                    got.Enqueue(next);
                }
            };
        });
        (PlainClient flooder, Connection flooding) = await server.ConnectBothAsync();
        using PlainClient modest = await server.ConnectAsync();
        using (flooder)
        {
            byte[][] sent = [.. Enumerable.Range(0, 3000).Select(i => Packets.Make(i % 2000, (uint)i))];
            Task sending = flooder.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 30_000);
            await Eventually.TrueAsync(() => flooding.IsPaused && flooding.UntakenBytes > share / 2, "the flood filled its share");
            for (uint i = 0; i < 20; i++)
            {
                byte[] mine = Packets.Make(5, i, type: 2);
                await modest.SendAsync(mine);
                Assert.Equal(mine, await modest.ReceiveFrameAsync());
            }

            Assert.InRange(flooding.BytesReceived, share / 2, share + 2048 + LongestRead);
            goOn.SetResult();
            await Eventually.EqualAsync(sent.Length, () => got.Count, "frames taken");
            await sending;
            Got.AssertIs(sent, got);
            Assert.InRange(most, share / 2, share + 2048);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frames_of_no_bytes_fill_the_share_too(bool pulled)
    {
        const int share = 20_000;
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int got = 0;
        await using TestServer server = await StartAsync(
            options =>
            {
                options.ReceiveQueueBytesPerConnection = share;
                options.ConnectionHandler = pulled ? null : async (_, frames, closed) =>
                {
                    await goOn.Task;
                    await foreach (ReceivedFrame frame in frames.WithCancellation(closed))
                    {
                        frame.Dispose();
                        got++;
                    }
                };
            },
            new DelimiterFraming());
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            await client.SendAsync(Enumerable.Repeat((byte)'\n', 10_000).ToArray());
            await Eventually.TrueAsync(() => connection.UntakenBytes >= share, "the share is full");
            Assert.Equal((share / 128) + 1, connection.FramesReceived);
            if (pulled)
            {
                while (got < 10_000)
                {
                    (await server.Server.ReceiveAsync().AsTask().Bounded()).Dispose();
                    got++;
                }
            }
            else
            {
                goOn.SetResult();
                await Eventually.EqualAsync(10_000, () => Volatile.Read(ref got), "frames taken");
            }
        }
    }

    private static ReceiveQueue QueueOf(TestServer server) => ((PullDelivery)server.Server.Delivery).Queue;
}
