using System.Net;
using System.Text;
using Iocp.Core;
using Samples;

namespace Framing.Integration;

/// <summary>The examples of docs/framing.md: the page shows these files, and they do what it says.</summary>
public sealed class FramingPageTests
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    [Theory]
    [InlineData("OrderServer.cs")]
    [InlineData("TranscriptServer.cs")]
    public void The_page_shows_the_sample_that_is_tested_here(string file) => DocumentationPage.Shows("framing.md", file);

    [Fact]
    public async Task Each_order_is_answered_with_its_total_however_it_is_cut()
    {
        await using FrameServer server = OrderServer.Create(s_anyPort);
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        byte[] orders = Encoding.UTF8.GetBytes(
            "<?xml version='1.0'?><order><item count='2' price='12.50'/><!-- > --><item count='1' price='0.25'/></order>\n<order><item count=\"3\" price=\"1\"/></order>");
        await client.SendInPiecesAsync(orders, 1, 40, 7);
        const string answers = "<total>25.25</total><total>3</total>";
        Assert.Equal(answers, Encoding.UTF8.GetString(await client.ReceiveAsync(answers.Length)));

        await client.SendAsync("<!DOCTYPE order><order/>"u8.ToArray());
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task The_transcript_is_the_stream()
    {
        using MemoryStream transcript = new();
        await using (FrameServer server = TranscriptServer.Create(s_anyPort, transcript))
        {
            await server.StartAsync();
            using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
            await client.SendAsync("<a>half"u8.ToArray());
            Assert.Equal("<taken/>"u8.ToArray(), await client.ReceiveAsync(8));
            await client.SendAsync(" and half</a>"u8.ToArray());
            Assert.Equal("<taken/>"u8.ToArray(), await client.ReceiveAsync(8));
        }

        Assert.Equal("<a>half and half</a>"u8.ToArray(), transcript.ToArray());
    }
}
