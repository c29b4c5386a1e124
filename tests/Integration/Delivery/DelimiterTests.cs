using System.Text;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>Delimited frames over real sockets, the empty ones among them.</summary>
public abstract class DelimiterTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData(DeliveryKind.Inline)]
    [InlineData(DeliveryKind.Pull)]
    [InlineData(DeliveryKind.PerConnection)]
    public async Task Lines_cut_anywhere_come_one_by_one_and_empty_ones_too(DeliveryKind delivery)
    {
        var got = new List<string>();
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = delivery == DeliveryKind.Inline ? new DelegateHandler((_, frame) => got.Add(Encoding.ASCII.GetString(frame.Bytes))) : null;
            options.ConnectionHandler = delivery != DeliveryKind.PerConnection ? null : async (_, frames, _) =>
            {
                await foreach (ReceivedFrame frame in frames)
                {
                    using (frame)
                    {
                        got.Add(Encoding.ASCII.GetString(frame.Bytes.Span));
                    }
                }
            };
        }, new DelimiterFraming());
        using (PlainClient client = await server.ConnectAsync())
        {
            await client.SendInPiecesAsync("one\r\n\n\r\ntwo\rthree\nfour\r\n"u8.ToArray(), 4, 1, 2);
            client.FinishSending();
            for (int i = 0; delivery == DeliveryKind.Pull && i < 5; i++)
            {
                using ReceivedFrame frame = await server.Server.ReceiveAsync().AsTask().Bounded();
                got.Add(Encoding.ASCII.GetString(frame.Bytes.Span));
            }

            await client.ExpectEndAsync();
        }

        Assert.Equal(CloseReason.RemoteClosed, (await server.OnlyCloseAsync()).Reason);
        Assert.Equal(["one", "", "", "two\rthree", "four"], got);
    }

    [Fact]
    public async Task Empty_frames_fill_a_connection_s_share_too_and_none_is_lost()
    {
        const int frames = 20_000;
        await using TestServer server = await StartAsync(options => options.ReceiveQueueBytesPerConnection = 1000, new DelimiterFraming());
        using PlainClient client = await server.ConnectAsync();
        Connection connection = await server.OnlyConnectionAsync();
        await client.SendAsync(Enumerable.Repeat((byte)'\n', frames).ToArray());
        await Eventually.TrueAsync(() => connection.IsPaused, "reading has paused");
        Assert.InRange(server.Server.GetStatistics().ReceiveQueueFrames, 1, 8);     // each counts 128 bytes
        for (int i = 0; i < frames; i++)
        {
            using ReceivedFrame frame = await server.Server.ReceiveAsync().AsTask().Bounded();
            Assert.Equal((i, i, 0), (frame.Index, frame.StreamOffset, frame.Bytes.Length));
        }
    }
}
