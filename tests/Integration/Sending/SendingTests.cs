using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

public abstract class SendingTests(TestedEngine engine) : EngineTests(engine)
{
    private const int AmpleBound = 64 << 20;

    [Fact]
    public async Task The_order_of_arrival_is_the_order_of_the_calls()
    {
        await using TestServer server = await StartAsync(options => options.SendQueueBytesPerConnection = AmpleBound);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 3000).Select(i => Packets.Make(i * 31 % 2000, (uint)i))];
            Task<List<byte[]>> receiving = client.ReceiveFramesAsync(sent.Length);
            for (int i = 0; i < sent.Length; i++)
            {
                SendResult result = (i % 3) switch
                {
                    0 => connection.Send(sent[i]),
                    1 => server.Server.Send(connection.Id, sent[i]),
                    _ => await connection.SendAsync(sent[i]),
                };
                Assert.Equal(new SendResult(SendStatus.Queued), result);
            }

            Assert.Equal(sent, await receiving);
        }
    }

    [Fact]
    public async Task Answers_to_the_frames_of_one_read_leave_together()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the system does not tell how many segments came");
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        using PlainClient client = await server.ConnectAsync();
        byte[] frames = Packets.MakeMany(Enumerable.Repeat(20, 100));
        var segments = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            int before = TcpInformation.DataSegmentsReceived(client.Socket);
            await client.SendAsync(frames);     // one segment, so one read
            Assert.Equal(frames, await client.ReceiveAsync(frames.Length));
            segments.Add(TcpInformation.DataSegmentsReceived(client.Socket) - before);
        }

        Assert.Contains(1, segments);       // not in each round: the system may send a segment for a second time
    }

    [Fact]
    public async Task What_the_framing_throws_of_a_send_is_its_caller_s_and_neither_that_nor_a_cancelled_send_is_queued()
    {
        var thrown = new InvalidOperationException("no judgement");
        await using TestServer server = await StartAsync(framing: new ThrowingFraming(thrown));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[] legal = Packets.Make(10);
            Assert.Same(thrown, Assert.Throws<InvalidOperationException>(() => connection.Send([])));
            Assert.Same(thrown, await Assert.ThrowsAsync<InvalidOperationException>(() => connection.SendAsync(Array.Empty<byte>()).AsTask()));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.SendAsync(legal, new CancellationToken(canceled: true)).AsTask());
            Assert.Equal((0, 0), (connection.FramesSent, connection.BytesQueued));
            Assert.Equal(SendStatus.Queued, connection.Send(legal).Status);
            Assert.Equal(legal, await client.ReceiveAsync(legal.Length));
            Assert.Equal(1, connection.FramesSent);
        }
    }

    [Fact]
    public async Task What_no_packet_can_carry_is_refused_before_any_of_it_is_queued()
    {
        await using TestServer server = await StartAsync(framing: BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = ushort.MaxValue }));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            foreach (int length in new[] { 65_536, 65_544 })     // the second as zeros, were its length cut to 16 bits, is 5,463 legal packets
            {
                Assert.Throws<ArgumentOutOfRangeException>("payload", () => connection.SendPacket(0, 0, new byte[length], totalLength: 0));
                await Assert.ThrowsAsync<ArgumentOutOfRangeException>("payload", async () => await connection.SendPacketAsync(0, 0, new byte[length], totalLength: 0));
            }

            foreach (int max in new[] { 0, -1, 65_536 })
            {
                Assert.Throws<ArgumentOutOfRangeException>("maxPayloadLength", () => connection.SendMessage(1, 1, "abc"u8, max));
                await Assert.ThrowsAsync<ArgumentOutOfRangeException>("maxPayloadLength", async () => await connection.SendMessageAsync(1, 1, "abc"u8, max));
            }

            await Assert.ThrowsAsync<ArgumentOutOfRangeException>("type", async () => await connection.SendPacketAsync(65_536, 1, "abc"u8));
            byte[] tooManyPackets = GC.AllocateUninitializedArray<byte>((Array.MaxLength / 13) + 1);
            Assert.Throws<ArgumentOutOfRangeException>("message", () => connection.SendMessage(1, 1, tooManyPackets, maxPayloadLength: 1));
            ValueTask<SendResult> forbidden = connection.SendPacketAsync(1, 1, "abc"u8, totalLength: 2);
            Assert.Equal(SendStatus.Refused, (await forbidden).Status);
            Assert.Equal(0, connection.FramesSent);

            byte[] longest = Packets.Make(65_535, 7, 1);
            byte[] next = Packets.Make(3, 8, 1);
            Task<byte[]> receiving = client.ReceiveAsync(longest.Length + next.Length);
            Assert.Equal(SendStatus.Queued, connection.SendPacket(1, 7, longest.AsSpan(PacketHead.Size)).Status);
            Assert.Equal(SendStatus.Queued, (await connection.SendPacketAsync(1, 8, next.AsSpan(PacketHead.Size))).Status);
            Assert.Equal<byte>((byte[])[.. longest, .. next], await receiving);
        }
    }

    [Fact]
    public async Task Sends_of_several_threads_never_interleave_within_one_send()
    {
        const int threads = 4;
        const int sends = 250;
        const int framesInASend = 3;
        await using TestServer server = await StartAsync(options => options.SendQueueBytesPerConnection = 100_000);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            Task[] sending = [.. Enumerable.Range(0, threads).Select(thread => Task.Run(async () =>
            {
                for (int i = 0; i < sends; i++)
                {
                    byte[] data = [.. Enumerable.Range(0, framesInASend).SelectMany(
                        part => Packets.Make(((i * 977) + (part * 3001)) % 8000, (uint)((i * framesInASend) + part), (ushort)thread))];
                    Assert.Equal(SendStatus.Queued, (await connection.SendAsync(data).AsTask().Bounded()).Status);
                }
            }))];

            uint[] next = new uint[threads];
            for (int i = 0; i < threads * sends; i++)
            {
                List<byte[]> together = await client.ReceiveFramesAsync(framesInASend);
                int thread = Packets.Type(together[0]);
                foreach (byte[] frame in together)
                {
                    Assert.Equal(Packets.Make(Packets.PayloadLength(frame), next[thread]++, (ushort)thread), frame);
                }
            }

            await Task.WhenAll(sending);
        }
    }

    [Fact]
    public async Task Other_threads_may_send_while_frames_are_answered()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.SendQueueBytesPerConnection = AmpleBound;
        });
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[][] asked = [.. Enumerable.Range(0, 1500).Select(i => Packets.Make(i * 13 % 1000, (uint)i, type: 1))];
            byte[][] told = [.. Enumerable.Range(0, 1500).Select(i => Packets.Make(i * 17 % 1000, (uint)i, type: 2))];
            Task asking = client.SendInPiecesAsync(asked.SelectMany(frame => frame).ToArray(), 3000, 100);
            Task telling = Task.Run(() => Assert.All(told, frame => Assert.Equal(SendStatus.Queued, connection.Send(frame).Status)));

            List<byte[]> got = await client.ReceiveFramesAsync(asked.Length + told.Length);
            Assert.Equal(asked, got.Where(frame => Packets.Type(frame) == 1));
            Assert.Equal(told, got.Where(frame => Packets.Type(frame) == 2));
            await Task.WhenAll(asking, telling);
        }
    }

    [Fact]
    public async Task Bytes_that_the_framing_forbids_are_refused_whole_and_with_the_reason()
    {
        await using TestServer server = await StartAsync(framing: BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = 100 }));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[] legal = Packets.Make(50, 1);
            byte[] twice = [.. legal, .. legal];
            byte[] tooLong = Packets.Make(101);
            await RefusedAsync([], RejectionReasons.EmptyData, 0);
            await RefusedAsync(legal[..^1], RejectionReasons.TruncatedFrame, 0);
            await RefusedAsync(tooLong, RejectionReasons.PayloadTooLong, 0);
            await RefusedAsync([.. legal, .. legal, 1, 2, 3], RejectionReasons.TruncatedFrame, 2);
            await RefusedAsync([.. legal, .. tooLong, .. legal], RejectionReasons.PayloadTooLong, 1);

            // Nothing of all that was sent.
            Assert.Equal(0, connection.FramesSent);
            Assert.Equal(SendStatus.Queued, connection.Send(twice).Status);
            connection.Close();
            Assert.Equal(twice, await client.ReceiveToEndAsync());

            async Task RefusedAsync(byte[] data, string reason, long index)
            {
                SendResult waited = await connection.SendAsync(data);
                foreach (SendResult result in new[] { connection.Send(data), server.Server.Send(connection.Id, data), waited })
                {
                    Assert.Equal(SendStatus.Refused, result.Status);
                    Assert.Equal(reason, result.Rejection!.Reason);
                    Assert.Equal(index, result.Rejection.FrameIndex);
                    Assert.Equal(index * legal.Length, result.Rejection.StreamOffset);
                }
            }
        }
    }

    [Fact]
    public async Task A_send_after_the_close_says_Closed()
    {
        await using TestServer server = await StartAsync();
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        byte[] data = Packets.Make(1);
        connection.Close();
        Assert.Equal(SendStatus.Closed, connection.Send(data).Status);
        Assert.Equal(SendStatus.Closed, (await connection.SendAsync(data)).Status);
        Assert.Empty(await client.ReceiveToEndAsync());
        client.Dispose();

        await server.CloseOfAsync(connection);
        await Eventually.EqualAsync(0, () => server.Server.ConnectionCount, "connections");
        Assert.Equal(SendStatus.Closed, connection.Send(data).Status);
        Assert.Equal(SendStatus.Closed, (await connection.SendAsync(data)).Status);
        Assert.Equal(SendStatus.Closed, server.Server.Send(connection.Id, data).Status);
        Assert.Equal(SendStatus.Closed, (await server.Server.SendAsync(connection.Id, data)).Status);
    }

    [Fact]
    public async Task A_megabyte_of_small_sends_arrives_whole_at_a_slow_reader()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.SendQueueBytesPerConnection = 2 << 20;
            options.SendBufferSize = 16_384;
        });
        (PlainClient client, Connection connection) = await server.ConnectBothAsync(receiveBufferSize: 4096);
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 1100).Select(i => Packets.Make(i * 7 % 2000, (uint)i))];
            Assert.All(sent, frame => Assert.Equal(SendStatus.Queued, connection.Send(frame).Status));
            byte[] all = [.. sent.SelectMany(frame => frame)];
            Assert.True(all.Length > 1 << 20);
            for (int have = 0; have < all.Length;)
            {
                byte[] piece = await client.ReceiveAsync(Math.Min(1111, all.Length - have));
                Assert.Equal(all[have..(have + piece.Length)], piece);
                have += piece.Length;
            }

            await Eventually.EqualAsync(0, () => connection.BytesQueued, "bytes queued");
            Assert.Equal(all.Length, connection.BytesSent);
            Assert.Equal(sent.Length, connection.FramesSent);
        }
    }

    [Fact]
    public async Task What_was_given_to_Send_may_be_changed_when_it_has_returned()
    {
        await using TestServer server = await StartAsync(options => options.SendQueueBytesPerConnection = AmpleBound);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 500).Select(i => Packets.Make(4000, (uint)i))];
            byte[] reused = new byte[sent[0].Length];
            foreach (byte[] frame in sent)
            {
                frame.CopyTo(reused, 0);
                connection.Send(reused);
                Array.Clear(reused);
            }

            Assert.Equal(sent, await client.ReceiveFramesAsync(sent.Length));
        }
    }

    private sealed class ThrowingFraming(Exception thrown) : IFraming
    {
        private readonly PacketFraming<PacketHead> _framing = BinaryFraming.Create();

        public string Name => "throwing";

        public int MaxFrameLength => _framing.MaxFrameLength;

        public IFrameDecoder CreateDecoder() => _framing.CreateDecoder();

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => data.IsEmpty ? throw thrown : null;
    }
}
