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
}
