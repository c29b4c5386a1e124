using System.Collections.Concurrent;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>Messages of several packets over real sockets: one a frame, however the network cuts them.</summary>
public abstract class MessageTests(TestedEngine engine) : EngineTests(engine)
{
    private static readonly int[] s_lengths = [0, 1, 99, 100, 101, 5000, 0, 70_000];

    [Theory]
    [InlineData(DeliveryKind.Inline, 1_000_000)]
    [InlineData(DeliveryKind.Inline, 11, 1, 3000)]
    [InlineData(DeliveryKind.Pull, 500, 7)]
    [InlineData(DeliveryKind.PerConnection, 500, 7)]
    public async Task Messages_cut_anywhere_come_back_one_by_one(DeliveryKind delivery, params int[] pieces)
    {
        byte[] sent = [.. s_lengths.SelectMany((length, i) => Messages.Packets(length, uint.MaxValue - (uint)i, 100)).SelectMany(packet => packet)];
        await using TestServer server = await StartAsync(options =>
        {
            options.DrainTimeout = Eventually.Limit;        // the peer finishes before its last message was pulled
            options.Handler = delivery == DeliveryKind.Inline ? new DelegateHandler((connection, frame) => SendBack(connection, frame.Bytes)) : null;
            options.ConnectionHandler = delivery != DeliveryKind.PerConnection ? null : async (connection, frames, _) =>
            {
                await foreach (ReceivedFrame frame in frames)
                {
                    using (frame)
                    {
                        await SendBackAsync(frame);
                    }
                }
            };
        }, new MessageFraming());
        Task pulling = delivery == DeliveryKind.Pull ? PullAsync(server.Server) : Task.CompletedTask;
        using (PlainClient client = await server.ConnectAsync())
        {
            Task<byte[]> receiving = client.ReceiveToEndAsync();
            await client.SendInPiecesAsync(sent, pieces);
            client.FinishSending();
            Assert.Equal(sent, await receiving.Bounded());
        }

        Assert.Equal(CloseReason.RemoteClosed, (await server.OnlyCloseAsync()).Reason);
        Assert.Equal(s_lengths.Length, server.Server.GetStatistics().FramesReceived);
        await server.Server.StopAsync();
        await pulling.Bounded();
    }

    [Fact]
    public async Task A_packet_that_does_not_belong_ends_its_connection_after_the_messages_before_it()
    {
        var got = new ConcurrentQueue<Got>();
        await using TestServer server = await StartAsync(
            options => options.Handler = new DelegateHandler((connection, frame) => got.Enqueue(Got.Of(connection, frame))), new MessageFraming());
        using PlainClient client = await server.ConnectAsync();
        byte[][] broken = Messages.Packets(50, 7, 20);
        await client.SendAsync((byte[])[.. Messages.Packets(30, 1, 20).SelectMany(packet => packet), .. broken[0], .. broken[2]]);
        await client.ExpectEndAsync();
        client.Dispose();

        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.FrameRejected, closed.Reason);
        Assert.Equal(new FrameRejection("SerialOutOfOrder", "SerialNumber", 9, 8) { StreamOffset = 54, FrameIndex = 1 }, closed.Rejection);
        Assert.Equal(Messages.Frame(30, 1, 20), Assert.Single(got).Bytes);
    }

    [Fact]
    public async Task The_end_of_the_stream_inside_a_message_is_a_truncation_also_between_packets()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), new MessageFraming());
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Messages.Packets(30, 1, 20)[0]);
        client.FinishSending();
        await client.ExpectEndAsync();
        client.Dispose();
        Assert.Equal(CloseReason.TruncatedFrame, (await server.OnlyCloseAsync()).Reason);
    }

    [Fact]
    public async Task What_is_no_whole_message_is_not_sent()
    {
        var sends = new ConcurrentQueue<SendResult>();
        await using TestServer server = await StartAsync(
            options => options.Handler = new DelegateHandler((connection, _) =>
            {
                sends.Enqueue(connection.SendPacket(1, 1, "half"u8, totalLength: 8));
                sends.Enqueue(connection.SendMessage(1, 1, new byte[10_000], maxPayloadLength: 9000));
                sends.Enqueue(connection.SendMessage(3, 5, "whole"u8));
            }), new MessageFraming());
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.Make(0));
        byte[] frame = await client.ReceiveFrameAsync();
        Assert.Equal((3, 5u), (Packets.Type(frame), Packets.Serial(frame)));
        Assert.Equal("whole"u8.ToArray(), frame[Packets.HeaderSize..]);
        Assert.Equal(["TruncatedFrame", "PayloadTooLong", null], sends.Select(send => send.Rejection?.Reason));
    }

    [Fact]
    public async Task A_message_on_which_its_handler_closes_is_not_held_until_the_peer_ends()
    {
        var framing = new WatchedFraming();
        await using TestServer server = await StartAsync(
            options =>
            {
                options.LingerTimeout = Eventually.Limit;
                options.Handler = new DelegateHandler((connection, _) => connection.Close());
            }, framing);
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Messages.Packets(50, 1, 20).SelectMany(packet => packet).ToArray());
        await framing.Released.WaitAsync();
        Assert.Empty(await client.ReceiveToEndAsync());
        client.FinishSending();
        Assert.Equal(CloseReason.LocalClosed, (await server.OnlyCloseAsync()).Reason);
    }

    private static void SendBack(Connection connection, ReadOnlySpan<byte> frame)
    {
        PacketMessage message = new(frame);
        Assert.Equal(SendStatus.Queued, connection.SendMessage(message.Type, message.SerialNumber, message.Payload, maxPayloadLength: 100).Status);
    }

    private static ValueTask<SendResult> SendBackAsync(ReceivedFrame frame)
    {
        PacketMessage message = new(frame.Bytes.Span);
        return frame.Connection.SendMessageAsync(message.Type, message.SerialNumber, message.Payload, maxPayloadLength: 100);
    }

    private static async Task PullAsync(FrameServer server)
    {
        await foreach (ReceivedFrame frame in server.ReceiveAllAsync())
        {
            using (frame)
            {
                await SendBackAsync(frame);
            }
        }
    }

    /// <summary>Messages, and when the first of them was given back.</summary>
    private sealed class WatchedFraming : IFraming
    {
        private readonly MessageFraming _messages = new();

        public Signal Released { get; } = new();

        public string Name => "watched";

        public int MaxFrameLength => _messages.MaxFrameLength;

        public IFrameDecoder CreateDecoder() => new Decoder(_messages.CreateDecoder(), Released);

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => _messages.CheckOutgoing(data);

        private sealed class Decoder(IFrameDecoder decoder, Signal released) : IFrameDecoder
        {
            public ReadOnlySpan<byte> Assembled => decoder.Assembled;

            public DecodeResult Decode(ReadOnlySpan<byte> unread) => decoder.Decode(unread);

            public void ReleaseAssembled()
            {
                decoder.ReleaseAssembled();
                released.Set();
            }
        }
    }
}
