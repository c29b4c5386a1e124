using System.Text;
using Iocp.Core;
using Xunit.Sdk;

namespace Framing.Integration.Tool;

/// <summary><c>framing send</c>: one frame there, and what comes back.</summary>
public sealed class SendTests
{
    private const string Abc = """{"frame":0,"offset":0,"length":15,"total":3,"serial":8,"type":7,"payload":"616263"}""";

    [Fact]
    public async Task Text_hex_and_a_file_are_the_same_payload()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets);
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "abc");
            foreach (string[] payload in new string[][] { ["--text", "abc"], ["--hex", "616263"], ["--file", file] })
            {
                Assert.Equal(Abc, await SendsAsync(["--connect", server.Address, "--type", "7", "--serial", "8", .. payload]));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Text_is_sent_in_UTF_8_and_may_begin_with_an_at_sign()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--framing", "xml-raw");
        const string text = "@<ä>€</ä>";
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(
            $$"""{"frame":0,"offset":0,"length":{{bytes.Length}},"bytes":"{{Convert.ToHexStringLower(bytes)}}"}""",
            await SendsAsync("--connect", server.Address, "--framing", "xml-raw", "--text", text));
    }

    [Fact]
    public async Task No_answer_in_time_is_one_line_and_1()
    {
        await using ScriptedServer server = ScriptedServer.Start(static client => client.ReceiveToEndAsync());
        ToolResult result = await ToolProcess.RunAsync("send", "--connect", $"{server.EndPoint}", "--type", "1", "--text", "a", "--timeout", "10s");      // which is for the connect too
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("nothing came back within 10s", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 1, 0 }, "what came back was refused: TotalLengthNegative, TotalLength -1")]
    [InlineData(new byte[] { 1, 0, 0 }, "what came back ended inside a frame")]
    public async Task An_answer_that_is_no_frame_is_one_line_that_says_why_and_1(byte[] answer, string expected)
    {
        await using ScriptedServer server = ScriptedServer.Start(async client =>
        {
            await client.SendAsync(answer);
            client.FinishSending();
            await client.ReceiveToEndAsync();
        });
        ToolResult result = await ToolProcess.RunAsync("send", "--connect", $"{server.EndPoint}", "--type", "1", "--text", "a", "--timeout", "60s");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_is_told_although_the_server_does_not_leave()
    {
        var over = new Signal();
        await using ScriptedServer server = ScriptedServer.Start(async client =>
        {
            await client.SendAsync(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 1, 0 });
            await over.WaitAsync();
        });
        try
        {
            // Less than the library waits for the peer's end before it notifies. On a busy machine it may be too little for the answer, too: then again.
            await Eventually.SucceedsAsync<XunitException>(async () =>
            {
                ToolResult result = await ToolProcess.RunAsync("send", "--connect", $"{server.EndPoint}", "--type", "1", "--text", "a", "--timeout", "500ms");
                Assert.Equal(1, result.ExitCode);
                Assert.Contains("what came back was refused: TotalLengthNegative", Assert.Single(result.Errors), StringComparison.Ordinal);
            });
        }
        finally
        {
            over.Set();
        }
    }

    [Fact]
    public async Task A_server_that_refuses_the_frame_is_one_line_and_1()
    {
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets, "--max-payload", "2", "--verbose");
        ToolResult result = await ToolProcess.RunAsync("send", "--connect", server.Address, "--type", "1", "--text", "abc", "--timeout", "60s");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the other side may have refused it", Assert.Single(result.Errors), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            () => server.Process.Errors.Any(line => line.Contains("FrameRejected PayloadTooLong, CurrentLength 3, limit 2", StringComparison.Ordinal)),
            "the server says what it refused");
    }

    private static async Task<string> SendsAsync(params string[] arguments)
    {
        ToolResult result = await ToolProcess.RunAsync(["send", "--timeout", "60s", .. arguments]);
        Assert.True(result.ExitCode == 0, $"{result}");
        Assert.Empty(result.Errors);
        return Assert.Single(result.Output);
    }
}
