using Iocp.Core;

namespace Framing.Integration.Tool;

/// <summary><c>framing serve --header</c> and <c>framing send --header</c>: frames with a header that a JSON file declares, there and back.</summary>
public sealed class EchoHeaderTests : IDisposable
{
    // Strips what an echo must not lose.
    private readonly TemporaryFile _layout = new("""
        {
          "name": "orders",
          "headerSize": 4,
          "byteOrder": "bigEndian",
          "bytesToStrip": 4,
          "length": { "name": "Size", "offset": 2, "width": 2 },
          "fields": [{ "name": "Kind", "offset": 0, "width": 2, "minimum": 1, "maximum": 99 }],
          "maxPayloadLength": 8
        }
        """);

    public void Dispose() => _layout.Dispose();

    [Fact]
    public async Task A_frame_comes_back_whole_and_its_fields_are_shown()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--header", _layout.Path);
        Assert.Contains("(orders framing, sockets engine)", server.Process.Output[0], StringComparison.Ordinal);
        ToolResult result = await SendAsync(server, "000700026162");
        Assert.True(result.ExitCode == 0, $"{result}");
        Assert.Equal("""{"frame":0,"offset":0,"length":6,"fields":{"Kind":7,"Size":2},"payload":"6162"}""", Assert.Single(result.Output));
    }

    [Theory]
    [InlineData("00070002", "TruncatedFrame")]
    [InlineData("0000000161", "FieldOutOfRange, Kind 0, limit 1")]
    [InlineData("00070009", "PayloadTooLong, Size 9, limit 8")]
    public async Task What_is_no_frame_is_not_sent(string hex, string said)
    {
        ToolResult result = await ToolProcess.RunAsync("send", "--connect", "127.0.0.1:1", "--header", _layout.Path, "--hex", hex);
        Assert.Equal(64, result.ExitCode);
        Assert.Contains($"what is to be sent is not one or more whole frames: {said}", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packets_whose_TotalLength_means_nothing_can_be_served()
    {
        byte[] frame = Packets.Make(3, serial: 1, type: 7);
        frame[0] = 0;       // the TotalLength of a payload of 3
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--total-length", "ignored");
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(frame);
        Assert.Equal(frame, await client.ReceiveAsync(frame.Length));
    }

    private Task<ToolResult> SendAsync(ToolServer server, string hex)
        => ToolProcess.RunAsync("send", "--timeout", "60s", "--connect", server.Address, "--header", _layout.Path, "--hex", hex);
}
