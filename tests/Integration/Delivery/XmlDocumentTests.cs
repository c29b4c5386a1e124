using System.Collections.Concurrent;
using System.Text;
using Framing.Properties.Xml;
using Framing.Xml;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>XML documents over real sockets: one a frame, however the network cuts them.</summary>
public abstract class XmlDocumentTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData(DeliveryKind.Inline, 1)]
    [InlineData(DeliveryKind.Inline, 3, 17, 1000, 1)]
    [InlineData(DeliveryKind.Inline, 100_000)]
    [InlineData(DeliveryKind.Pull, 5, 300, 1)]
    [InlineData(DeliveryKind.PerConnection, 5, 300, 1)]
    public async Task Documents_cut_anywhere_come_back_one_by_one(DeliveryKind delivery, params int[] pieces)
    {
        byte[][] documents = [.. Enumerable.Range(0, pieces is [1] ? 15 : 200).Select(i => XmlText.Document(i, i % 50))];
        await using TestServer server = await StartAsync(
            options =>
            {
                options.DrainTimeout = Eventually.Limit;        // the peer finishes before its last document was pulled
                options.Echo(delivery);
            },
            XmlFraming.Document());
        Task pulling = Echoes.PullAsync(server.Server, delivery);
        using (PlainClient client = await server.ConnectAsync())
        {
            Task<byte[]> receiving = client.ReceiveToEndAsync();
            // White space and byte order marks between documents belong to none, so they do not come back.
            await client.SendInPiecesAsync(documents.SelectMany(document => (byte[])[.. "\uFEFF"u8, .. document, .. "\r\n\t "u8]).ToArray(), pieces);
            client.FinishSending();
            Assert.Equal(documents.SelectMany(document => document).ToArray(), await receiving.Bounded());
        }

        Assert.Equal(CloseReason.RemoteClosed, (await server.OnlyCloseAsync()).Reason);
        Assert.Equal(documents.Length, server.Server.GetStatistics().FramesReceived);
        await server.Server.StopAsync();
        await pulling.Bounded();
    }

    [Theory]
    [InlineData("<a></b>", "UnmatchedEndTag", "end tag", 5)]
    [InlineData("<!DOCTYPE a>", "DoctypeNotAllowed", "DOCTYPE", 8)]
    [InlineData("text", "ContentBeforeRoot", "prolog", 0)]
    [InlineData("<a b='<'/>", "MalformedMarkup", "attribute value", 6)]
    public async Task A_document_that_is_refused_ends_its_connection_after_the_ones_before_it(string refused, string reason, string construct, int at)
    {
        var got = new ConcurrentQueue<Got>();
        await using TestServer server = await StartAsync(
            options =>
            {
                options.Handler = new DelegateHandler((connection, frame) => got.Enqueue(Got.Of(connection, frame)));
                options.LingerTimeout = Eventually.Limit;
            },
            XmlFraming.Document());
        using PlainClient client = await server.ConnectAsync();
        await client.SendInPiecesAsync(Encoding.UTF8.GetBytes($"<first/>\n<second/>\n{refused}"), 4);
        Assert.Empty(await client.ReceiveToEndAsync());
        client.Dispose();

        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.FrameRejected, closed.Reason);
        Assert.Equal(new FrameRejection(reason, construct, at) { StreamOffset = 19, FrameIndex = 2 }, closed.Rejection);
        Assert.Equal(["<first/>", "<second/>"], got.Select(frame => Encoding.UTF8.GetString(frame.Bytes)));
    }

    [Fact]
    public async Task The_end_of_the_stream_inside_a_document_is_a_truncation_and_between_documents_it_is_not()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), XmlFraming.Document());
        foreach ((string sent, CloseReason reason) in new[] { ("<a/><b>", CloseReason.TruncatedFrame), ("<a/> \n", CloseReason.RemoteClosed) })
        {
            using PlainClient client = await server.ConnectAsync();
            await client.SendAsync(Encoding.UTF8.GetBytes(sent));
            client.FinishSending();
            Assert.Equal("<a/>"u8.ToArray(), await client.ReceiveToEndAsync());
            client.Dispose();
            await Eventually.TrueAsync(() => server.Closed.Any(closed => closed.Reason == reason), $"a connection closed by {reason}");
        }
    }

    [Fact]
    public async Task What_is_no_whole_document_is_not_sent()
    {
        var sends = new ConcurrentQueue<SendResult>();
        await using TestServer server = await StartAsync(
            options => options.Handler = new DelegateHandler((connection, _) =>
            {
                sends.Enqueue(connection.Send("<half>"u8));
                sends.Enqueue(connection.Send("<whole/>"u8));
            }), XmlFraming.Document());
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync("<go/>"u8.ToArray());
        Assert.Equal("<whole/>"u8.ToArray(), await client.ReceiveAsync(8));
        Assert.Equal([SendStatus.Refused, SendStatus.Queued], sends.Select(send => send.Status));
        Assert.Equal("TruncatedFrame", sends.First().Rejection!.Reason);
    }
}
