using System.Text;
using Iocp.Core;

namespace Framing.Integration.Tool;

/// <summary>The command with <c>--framing xml-document</c>, from end to end.</summary>
public sealed class XmlDocumentTests
{
    private const string Stream = "\uFEFF<?xml version='1.0'?><a>é</a>\n<b c='/>'/>  ";

    private static readonly string[] s_frames =
    [
        $$"""{"frame":0,"offset":3,"length":30,"bytes":"{{Hex("<?xml version='1.0'?><a>é</a>")}}"}""",
        $$"""{"frame":1,"offset":34,"length":11,"bytes":"{{Hex("<b c='/>'/>")}}"}""",
    ];

    [Theory]
    [InlineData("1")]
    [InlineData("7")]
    [InlineData("1000")]
    public async Task Decode_prints_a_line_for_each_document(string readSize)
    {
        ToolResult result = await DecodesAsync(Stream, "--read-size", readSize);
        Assert.Equal([.. s_frames, """{"end":"clean"}"""], result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Decode_says_truncated_inside_a_document()
    {
        ToolResult result = await DecodesAsync(Stream + "<c>");
        Assert.Equal([.. s_frames, """{"end":"truncated","offset":47,"have":3}"""], result.Output);
        Assert.Equal(2, result.ExitCode);
    }

    [Theory]
    [InlineData("<a></b>", "", """{"end":"rejected","reason":"UnmatchedEndTag","field":"end tag","value":5,"limit":null,"offset":1,"frame":0}""")]
    [InlineData("<a><b/></a>", "--max-depth 1", """{"end":"rejected","reason":"TooDeep","field":null,"value":2,"limit":1,"offset":1,"frame":0}""")]
    [InlineData("<a>12345</a>", "--max-document 11", """{"end":"rejected","reason":"DocumentTooLong","field":null,"value":null,"limit":11,"offset":1,"frame":0}""")]
    [InlineData("<a>12345</a>", "--max-document 12 --max-depth 1", null)]
    public async Task Decode_says_what_is_refused_and_takes_the_limits(string document, string options, string? rejected)
    {
        ToolResult result = await DecodesAsync("\n" + document, options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(rejected ?? """{"end":"clean"}""", result.Output[^1]);
        Assert.Equal(rejected is null ? 0 : 3, result.ExitCode);
    }

    [Fact]
    public async Task A_document_is_sent_there_and_back()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--framing", "xml-document");
        ToolResult result = await ToolProcess.RunAsync("send", "--connect", server.Address, "--framing", "xml-document", "--text", "<ä>€</ä>");
        Assert.True(result.ExitCode == 0, $"{result}");
        Assert.Equal($$"""{"frame":0,"offset":0,"length":12,"bytes":"{{Hex("<ä>€</ä>")}}"}""", Assert.Single(result.Output));
    }

    [Theory]
    [InlineData("<a></b>", "UnmatchedEndTag, end tag 5, in frame 0 at byte 0")]
    [InlineData("<a/><b>", "TruncatedFrame 3, in frame 1 at byte 4")]
    [InlineData("  ", "EmptyData")]
    public async Task What_is_no_whole_document_is_not_sent_but_named(string text, string said)
    {
        ToolResult result = await ToolProcess.RunAsync("send", "--connect", "127.0.0.1:1", "--framing", "xml-document", "--text", text);
        Assert.Equal(64, result.ExitCode);
        Assert.Contains(said, Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--split --payload 500")]
    [InlineData("--payload 0 --depth 8")]
    public async Task A_load_of_documents_comes_back(string arguments)
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Auto, "--framing", "xml-document");
        ToolResult result = await ToolProcess.RunAsync(
            ["load", "--connect", server.Address, "--framing", "xml-document", "--duration", "300ms", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.True(result.ExitCode == 0, $"{result}");
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task A_server_keeps_its_limits()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--framing", "xml-document", "--max-document", "20", "--max-depth", "2");
        foreach (string refused in new[] { "<a>123456789012345</a>", "<a><b><c/></b></a>" })
        {
            using PlainClient client = await server.ConnectAsync();
            await client.SendAsync(Encoding.UTF8.GetBytes(refused));
            Assert.Empty(await client.ReceiveToEndAsync());
        }

        ToolStatistics statistics = await server.AllGoneAsync(2);
        Assert.Equal(2, statistics.Closed[nameof(CloseReason.FrameRejected)]);
    }

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private static Task<ToolResult> DecodesAsync(string input, params string[] options)
        => ToolProcess.RunAsync(Encoding.UTF8.GetBytes(input), ["decode", "--framing", "xml-document", .. options]);
}
