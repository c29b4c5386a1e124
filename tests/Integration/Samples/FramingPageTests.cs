using System.Net;
using System.Security.Cryptography;
using System.Text;
using Iocp.Core;
using Samples;

namespace Framing.Integration;

/// <summary>The examples of docs/framing.md and docs/your-own-header.md: the pages show these files, and they do what is said there.</summary>
public sealed class FramingPageTests
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    [Theory]
    [InlineData("framing.md", "csharp", "DigestServer.cs")]
    [InlineData("framing.md", "csharp", "LineServer.cs")]
    [InlineData("framing.md", "csharp", "OrderServer.cs")]
    [InlineData("framing.md", "csharp", "PacketServer.cs")]
    [InlineData("framing.md", "csharp", "SensorServer.cs")]
    [InlineData("framing.md", "csharp", "TranscriptServer.cs")]
    [InlineData("your-own-header.md", "csharp", "LayoutServer.cs")]
    [InlineData("your-own-header.md", "json", "orders.json")]
    public void The_page_shows_the_sample_that_is_tested_here(string page, string language, string file) => DocumentationPage.Shows(page, file, language);

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
    public async Task Each_question_is_answered_with_its_serial_number_however_it_is_cut()
    {
        await using FrameServer server = PacketServer.Create(s_anyPort);
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await client.SendInPiecesAsync((byte[])[.. Packets.Make(20, serial: 7, PacketServer.Question), .. Packets.Make(0, serial: 8, PacketServer.Question)], 1, 11, 5);
        Assert.Equal(Packets.Make(20, serial: 7, PacketServer.Answer), await client.ReceiveFrameAsync());
        Assert.Equal(Packets.Make(0, serial: 8, PacketServer.Answer), await client.ReceiveFrameAsync());

        await client.SendAsync(Packets.Make(0, serial: 9, type: 3));
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Each_message_is_answered_with_its_digest_whatever_packets_it_comes_in()
    {
        await using FrameServer server = DigestServer.Create(s_anyPort);
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        byte[] payload = [.. Enumerable.Range(0, 20_000).Select(i => (byte)i)];
        await client.SendInPiecesAsync(Messages.Packets(payload.Length, 7, 3000, type: 9).SelectMany(packet => packet).ToArray(), 4000, 1);
        byte[] answer = await client.ReceiveFrameAsync();
        Assert.Equal((9, 7u), (Packets.Type(answer), Packets.Serial(answer)));
        Assert.Equal(SHA256.HashData(payload), answer[Packets.HeaderSize..]);
    }

    [Fact]
    public async Task Each_line_comes_back_in_capitals_with_the_end_it_had()
    {
        await using FrameServer server = LineServer.Create(s_anyPort);
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await client.SendInPiecesAsync("one\r\ntwo\n\nthree\r\n"u8.ToArray(), 4, 1);
        Assert.Equal("ONE\r\nTWO\n\nTHREE\r\n"u8.ToArray(), await client.ReceiveAsync(17));

        await client.SendAsync(new byte[1002]);
        Assert.Empty(await client.ReceiveToEndAsync());

        using PlainClient other = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await other.SendAsync("one\ntw\u00f6\n"u8.ToArray());
        Assert.Equal("ONE\n"u8.ToArray(), await other.ReceiveToEndAsync());
    }

    [Fact]
    public async Task The_highest_reading_is_kept_however_they_are_cut()
    {
        SensorServer sensors = new();
        await using FrameServer server = sensors.Create(s_anyPort);
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await client.SendInPiecesAsync(new[] { 1.5, 40.25, -3 }.SelectMany(BitConverter.GetBytes).ToArray(), 3, 10);
        await Eventually.EqualAsync(40.25, () => sensors.Highest, "the highest reading");
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

    [Fact]
    public async Task A_server_learns_its_header_from_the_file()
    {
        await using FrameServer server = LayoutServer.Create(s_anyPort, DocumentationPage.Sample("orders.json"));
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        byte[] orders = [.. "OH"u8, 0, 7, 0, 0, 0, 10, .. "ab"u8, .. "OH"u8, 0, 99, 0, 0, 0, 8];
        await client.SendInPiecesAsync(orders, 1, 9, 2);
        byte[] answers = [.. "OH"u8, 0, 8, 0, 0, 0, 10, .. "ab"u8, .. "OH"u8, 0, 1, 0, 0, 0, 8];
        Assert.Equal(answers, await client.ReceiveAsync(answers.Length));

        await client.SendAsync((byte[])[.. "OH"u8, 0, 100, 0, 0, 0, 8]);
        Assert.Empty(await client.ReceiveToEndAsync());
    }
}
