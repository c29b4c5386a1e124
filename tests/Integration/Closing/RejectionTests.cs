using System.Buffers.Binary;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>A malformed header ends the connection: after the frames before it, and with all there is to say about it.</summary>
public abstract class RejectionTests(TestedEngine engine) : EngineTests(engine)
{
    private static readonly byte[] s_before = Packets.MakeMany([1, 0, 5000]);

    public static TheoryData<string, FrameRejection> Rules => new()
    {
        { "default", new FrameRejection(RejectionReasons.PayloadTooLong, "CurrentLength", 8193, 8192) },
        { "default", new FrameRejection(RejectionReasons.TotalLengthNegative, "TotalLength", -1, 0) },
        { "default", new FrameRejection(RejectionReasons.TotalLengthTooShort, "TotalLength", 4, 5) },
        { "equals", new FrameRejection(RejectionReasons.TotalLengthMismatch, "TotalLength", 6, 5) },
        { "types", new FrameRejection(RejectionReasons.TypeNotAllowed, "Type", 9) },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Frames_before_a_malformed_header_are_answered_and_the_rejection_says_everything(string rules, FrameRejection expected)
    {
        foreach (int piece in new[] { 1_000_000, 1000, s_before.Length + 5 })
        {
            await using TestServer server = await StartAsync(
                options =>
                {
                    options.Handler = new EchoHandler();
                    options.LingerTimeout = Eventually.Limit;       // what follows the header is still to come
                },
                Rule(rules));
            using PlainClient client = await server.ConnectAsync();
            await client.SendInPiecesAsync((byte[])[.. s_before, .. Header(expected), .. s_before], piece);
            Assert.Equal(s_before, await client.ReceiveToEndAsync());
            client.FinishSending();
            await RejectedAsync(server, expected with { StreamOffset = s_before.Length, FrameIndex = 3 });
        }
    }

    [Fact]
    public async Task Frames_before_a_malformed_header_can_be_pulled_and_answered()
    {
        await using TestServer server = await StartAsync(options => options.DrainTimeout = Eventually.Limit);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            var expected = new FrameRejection(RejectionReasons.TotalLengthNegative, "TotalLength", -1, 0) { StreamOffset = s_before.Length, FrameIndex = 3 };
            await client.SendAsync((byte[])[.. s_before, .. Header(expected), .. s_before]);
            await Eventually.EqualAsync(CloseReason.FrameRejected, () => connection.CloseReason, "the reason");
            for (int i = 0; i < 3; i++)
            {
                using ReceivedFrame frame = await server.Server.ReceiveAsync().AsTask().Bounded();
                Assert.Equal(SendStatus.Queued, connection.Send(frame.Bytes).Status);
            }

            Assert.Equal(s_before, await client.ReceiveToEndAsync());
            Assert.False(server.Server.TryReceive(out _, out _));
            client.FinishSending();
            await RejectedAsync(server, expected);
        }
    }

    [Fact]
    public async Task A_handler_of_one_connection_gets_the_frames_before_a_malformed_header_and_may_answer()
    {
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, closed) =>
        {
            List<byte[]> got = [];
            await foreach (ReceivedFrame frame in frames.WithCancellation(closed))
            {
                got.Add(Got.Take(frame).Bytes);
            }

            got.ForEach(bytes => connection.Send(bytes));
        });
        using PlainClient client = await server.ConnectAsync();
        var expected = new FrameRejection(RejectionReasons.PayloadTooLong, "CurrentLength", 8193, 8192) { StreamOffset = s_before.Length, FrameIndex = 3 };
        await client.SendAsync((byte[])[.. s_before, .. Header(expected)]);
        Assert.Equal(s_before, await client.ReceiveToEndAsync());
        client.FinishSending();
        await RejectedAsync(server, expected);
    }

    [Fact]
    public async Task A_header_is_judged_before_its_payload_has_come()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        using PlainClient client = await server.ConnectAsync();
        var expected = new FrameRejection(RejectionReasons.PayloadTooLong, "CurrentLength", 8193, 8192);
        await client.SendAsync(Header(expected).AsMemory(0, Packets.HeaderSize));
        Assert.Empty(await client.ReceiveToEndAsync());
        client.FinishSending();
        await RejectedAsync(server, expected);
    }

    [Fact]
    public async Task The_answers_arrive_whole_although_the_peer_goes_on_sending_after_its_malformed_header()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.LingerTimeout = Eventually.Limit;
        });
        using PlainClient client = await server.ConnectAsync();
        var expected = new FrameRejection(RejectionReasons.TotalLengthTooShort, "TotalLength", 4, 5) { StreamOffset = s_before.Length, FrameIndex = 3 };
        Task sending = client.SendAsync((byte[])[.. s_before, .. Header(expected), .. new byte[8 << 20]]);
        Assert.Equal(s_before, await client.ReceiveToEndAsync());
        await sending;
        client.FinishSending();
        await RejectedAsync(server, expected);
    }

    [Fact]
    public async Task A_header_of_the_users_own_rejects_in_the_same_way()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), new PacketFraming<SignedHead>());
        using PlainClient client = await server.ConnectAsync();
        byte[] whole = [2, 0, 0, 0, 7, 8];
        await client.SendAsync((byte[])[.. whole, 0xFE, 0xFF, 0xFF, 0xFF]);
        Assert.Equal(whole, await client.ReceiveToEndAsync());
        client.FinishSending();
        await RejectedAsync(server, new FrameRejection(RejectionReasons.FieldOutOfRange, "PayloadLength", -2, 0) { StreamOffset = 6, FrameIndex = 1 });
    }

    private static PacketFraming<PacketHead> Rule(string rules) => BinaryFraming.Create(rules switch
    {
        "equals" => new BinaryFramingOptions { TotalLengthRule = TotalLengthRule.EqualsCurrent },
        "types" => new BinaryFramingOptions { AllowedTypes = [1, 2] },
        _ => null,
    });

    // A packet whose header is wrong in just that way, whole.
    private static byte[] Header(FrameRejection wrong)
    {
        byte[] packet = Packets.Make(wrong.Field == "CurrentLength" ? (int)wrong.Value! : 5, type: wrong.Field == "Type" ? (ushort)wrong.Value! : (ushort)1);
        if (wrong.Field == "TotalLength")
        {
            BinaryPrimitives.WriteInt32LittleEndian(packet, (int)wrong.Value!);
        }

        return packet;
    }

    private static async Task RejectedAsync(TestServer server, FrameRejection expected)
    {
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.FrameRejected, closed.Reason);
        Assert.Equal(expected, closed.Rejection);
        Assert.Equal(expected.FrameIndex, closed.Connection.FramesReceived);
        await server.EachClosedOnceAsync();
    }

    private readonly struct SignedHead : IPacketHead<SignedHead>
    {
        public static int Size => 4;

        public int PayloadLength { get; private init; }

        public static FrameRejection? TryRead(ReadOnlySpan<byte> bytes, out SignedHead head)
        {
            head = new SignedHead { PayloadLength = BinaryPrimitives.ReadInt32LittleEndian(bytes) };
            return null;
        }
    }
}
