using Iocp.Core;

namespace Framing.Integration;

/// <summary>A peer that does not read what we send.</summary>
public abstract class SlowReaderTests(TestedEngine engine) : EngineTests(engine)
{
    private const int Bound = 65_536;
    private const int LongestFrame = 8192 + Packets.HeaderSize;
    private const int LongestRead = 65_536;

    [Fact]
    public async Task Answers_to_a_peer_that_does_not_read_stay_bounded_and_go_on_when_it_reads_again()
    {
        long mostQueued = 0;
        long mostHeld = 0;
        int notQueued = 0;
        await using TestServer server = await StartAsync(options =>
        {
            Tighten(options);
            options.Handler = new DelegateHandler((connection, frame) =>
            {
                if (connection.Send(frame.Bytes).Status != SendStatus.Queued)
                {
                    Interlocked.Increment(ref notQueued);
                }

                if (Packets.Type(frame.Bytes) == 1)
                {
                    mostQueued = Math.Max(mostQueued, connection.BytesQueued);
                    mostHeld = Math.Max(mostHeld, connection.BytesReceived - connection.BytesSent);
                }
            });
        });
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        using PlainClient other = await server.ConnectAsync();
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 1500).Select(i => Packets.Make(i * 4241 % 8193, (uint)i))];
            Task sending = client.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 100_000, 1, 5000);
            await Eventually.TrueAsync(() => connection.BytesQueued >= Bound || connection.IsPaused, "the send queue reached its bound");

            // Others are served meanwhile.
            byte[] mine = Packets.Make(40, 1, type: 2);
            await other.SendAsync(mine);
            Assert.Equal(mine, await other.ReceiveFrameAsync());

            Assert.Equal(sent, await client.ReceiveFramesAsync(sent.Length));
            await sending;
        }

        Assert.Equal(0, notQueued);
        Assert.InRange(mostQueued, 1, Bound + LongestFrame);
        Assert.InRange(mostHeld, 1, Bound + LongestFrame + LongestRead);
    }

    [Fact]
    public async Task A_send_at_the_bound_says_QueueFull_and_what_was_queued_arrives()
    {
        await using TestServer server = await StartAsync(Tighten);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        using (client)
        {
            List<byte[]> queued = [];
            for (int round = 0; round < 3; round++)
            {
                await FillAsync(connection, queued);
                Assert.InRange(connection.BytesQueued, 1, Bound + LongestFrame);
                Assert.Equal(queued, await client.ReceiveFramesAsync(queued.Count));
                queued.Clear();
            }
        }
    }

    [Fact]
    public async Task Sends_that_wait_for_room_are_served_first_in_first_out_and_none_overtakes_them()
    {
        await using TestServer server = await StartAsync(Tighten);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        using (client)
        {
            List<byte[]> queued = [];
            await FillAsync(connection, queued);
            List<Task<SendResult>> waiting = [];
            while (waiting.Count(task => !task.IsCompleted) < 50)
            {
                byte[] frame = Packets.Make(5000, (uint)queued.Count);
                queued.Add(frame);
                waiting.Add(connection.SendAsync(frame).AsTask());
            }

            // A send that does not wait may not overtake one that does.
            byte[] pushy = Packets.Make(1, (uint)queued.Count);
            SendStatus status = connection.Send(pushy).Status;
            Assert.False(waiting[^1].IsCompleted);
            Assert.Equal(SendStatus.QueueFull, status);

            Assert.Equal(queued, await client.ReceiveFramesAsync(queued.Count));
            Assert.All(await Task.WhenAll(waiting).Bounded(), result => Assert.Equal(SendStatus.Queued, result.Status));
        }
    }

    [Fact]
    public async Task A_waiting_send_that_is_cancelled_sends_nothing_and_lets_the_others_by()
    {
        await using TestServer server = await StartAsync(Tighten);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        using (client)
        using (var cancellation = new CancellationTokenSource())
        {
            List<byte[]> queued = [];
            await FillAsync(connection, queued);
            List<(byte[] Frame, Task<SendResult> Task)> waiting = [];
            while (waiting.Count(one => !one.Task.IsCompleted) < 30)
            {
                byte[] frame = Packets.Make(5000, (uint)(1000 + waiting.Count));
                CancellationToken token = waiting.Count % 2 == 0 ? cancellation.Token : CancellationToken.None;
                waiting.Add((frame, connection.SendAsync(frame, token).AsTask()));
            }

            await cancellation.CancelAsync();
            foreach ((byte[] frame, Task<SendResult> task) in waiting)
            {
                bool cancelled = task.IsCanceled;
                if (!cancelled)
                {
                    queued.Add(frame);
                }
            }

            Assert.True(waiting[^1].Task.IsCanceled || waiting[^2].Task.IsCanceled);
            Assert.Equal(queued, await client.ReceiveFramesAsync(queued.Count));
            connection.Close();
            Assert.Empty(await client.ReceiveToEndAsync());
        }
    }

    [Fact]
    public async Task Sends_that_wait_when_the_connection_closes_say_Closed_and_what_was_queued_arrives()
    {
        await using TestServer server = await StartAsync(Tighten);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 8192);
        using (client)
        {
            List<byte[]> queued = [];
            await FillAsync(connection, queued);
            List<(byte[] Frame, Task<SendResult> Task)> waiting = [];
            while (waiting.Count(one => !one.Task.IsCompleted) < 20)
            {
                byte[] frame = Packets.Make(5000, (uint)(1000 + waiting.Count));
                waiting.Add((frame, connection.SendAsync(frame).AsTask()));
            }

            connection.Close();
            SendResult[] results = await Task.WhenAll(waiting.Select(one => one.Task)).Bounded();
            Assert.Equal(SendStatus.Closed, results[^1].Status);
            queued.AddRange(waiting.Zip(results).Where(pair => pair.Second.Status == SendStatus.Queued).Select(pair => pair.First.Frame));
            Assert.Equal(queued.SelectMany(frame => frame).ToArray(), await client.ReceiveToEndAsync());
        }
    }

    private static void Tighten(FrameServerOptions options)
    {
        options.SendQueueBytesPerConnection = Bound;
        options.SendBufferSize = 16_384;
        options.ReceiveBufferSize = 16_384;
        options.SendTimeout = Timeout.InfiniteTimeSpan;
    }

    // Sends until the bound is reached, and says what was queued.
    private static async Task FillAsync(Connection connection, List<byte[]> queued)
    {
        await Eventually.TrueAsync(
            () =>
            {
                while (true)
                {
                    byte[] frame = Packets.Make(queued.Count * 577 % 8193, (uint)queued.Count);
                    SendStatus status = connection.Send(frame).Status;
                    if (status != SendStatus.Queued)
                    {
                        Assert.Equal(SendStatus.QueueFull, status);
                        return true;
                    }

                    queued.Add(frame);
                }
            },
            "the queue was full");
    }
}
