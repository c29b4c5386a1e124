using System.Net.Sockets;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

public abstract class EchoTests(TestedEngine engine) : EngineTests(engine)
{
    public static TheoryData<int[]> Cuttings => new(new[] { 1_000_000 }, new[] { 1 }, new[] { 7 }, new[] { 12, 1 }, new[] { 3, 4000 }, new[] { 65_536 });

    [Theory]
    [MemberData(nameof(Cuttings))]
    public async Task Every_small_size_comes_back_whole_however_it_is_cut(int[] pieces)
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        using PlainClient client = await server.ConnectAsync();
        byte[] sent = Packets.MakeMany(Enumerable.Range(0, pieces[0] == 1 ? 60 : 301));

        Task sending = client.SendInPiecesAsync(sent, pieces);
        Assert.Equal(sent, await client.ReceiveAsync(sent.Length));
        await sending;
    }

    [Theory]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(16_384)]
    [InlineData(65_534)]
    [InlineData(65_535)]
    public async Task The_longest_frames_come_back_whole(int payloadLength)
    {
        await using TestServer server = await StartAsync(
            options => options.Handler = new EchoHandler(), BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = 65_535 }));
        using PlainClient client = await server.ConnectAsync();
        byte[] sent = Packets.MakeMany([payloadLength, 0, payloadLength, 1, payloadLength]);

        Task sending = client.SendInPiecesAsync(sent, 5, 16_384, 1, 60_000);
        Assert.Equal(sent, await client.ReceiveAsync(sent.Length));
        await sending;
    }

    [Fact]
    public async Task Urgent_data_holds_nothing_up()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            for (uint i = 0; i < 50; i++)
            {
                // A read stops at the urgent byte, which is not part of the stream: what waits behind it must be read all the same.
                byte[][] sent = [Packets.Make(20, i), Packets.Make(30, i)];
                connection.PauseReceiving();
                await client.SendAsync(sent[0]);
                Assert.Equal(1, client.Socket.Send([7], SocketFlags.OutOfBand));
                await client.SendAsync(sent[1]);
                connection.ResumeReceiving();
                Assert.Equal(sent[0], await client.ReceiveFrameAsync());
                if (Engine == EngineKind.Sockets)
                {
                    // Linux hides what is behind the byte from a receive while a signal is pending, and the runtime then waits for more to come.
                    await client.SendAsync(Packets.Make(0, 1000));
                }

                Assert.Equal(sent[1], await client.ReceiveFrameAsync());
                if (Engine == EngineKind.Sockets)
                {
                    await client.ReceiveFrameAsync();
                }
            }
        }
    }

    [Fact]
    public async Task A_descriptor_passed_on_a_UNIX_socket_holds_nothing_up()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The message is laid out as Linux wants it.");
        using var file = new SocketFile();
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((_, _) => { }), endPoint: file.EndPoint);
        using PlainClient client = await PlainClient.ConnectAsync(file.EndPoint);
        Connection connection = await server.OnlyConnectionAsync();
        for (uint i = 0; i < 50; i++)
        {
            // A read stops at the message that carries one. What waits behind it must be read all the same, without an answer: whoever took that would wake us.
            connection.PauseReceiving();
            PassedDescriptor.Send(client.Socket, Packets.Make(20, i));
            await client.SendAsync(Packets.Make(30, i));
            connection.ResumeReceiving();
            await Eventually.EqualAsync((i + 1) * 2, () => connection.FramesReceived, "frames received");
        }
    }

    [Fact]
    public async Task Peers_that_send_nothing_but_urgent_data_hold_nobody_up()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.Workers = Engine == EngineKind.Sockets ? null : 1;
        });
        using PlainClient other = await server.ConnectAsync();

        // More connections than io_uring has receive buffers, and more bytes than the 128 for each of which Linux tries a receive again before a thread of its
        // own waits for it. Not every round's byte is seen by itself: 140 rounds broke nothing, 1,000 did.
        int rounds = Engine == EngineKind.IoUring ? 1000 : 140;
        PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, 70).Select(_ => server.ConnectAsync()));
        for (uint i = 0; i < rounds; i++)
        {
            foreach (PlainClient client in clients)
            {
                Assert.Equal(1, client.Socket.Send([7], SocketFlags.OutOfBand));
            }

            for (int turns = 0; turns < 5; turns++)
            {
                await other.EchoAsync(i);
            }
        }

        foreach (PlainClient client in clients)
        {
            client.Dispose();
        }

        await Eventually.EqualAsync(1, () => server.Server.ConnectionCount, "the number of connections");
        await other.EchoAsync();
        using PlainClient late = await server.ConnectAsync();
        await late.EchoAsync();
    }
}
