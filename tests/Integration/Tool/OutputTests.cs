using Iocp.Core;

namespace Framing.Integration.Tool;

/// <summary>Results that are lost are no success.</summary>
public sealed class OutputTests
{
    // Goes on when nobody can read any more what it says.
    private const string IntoClosedPipe = "trap '' PIPE; { while echo; do :; done 2>/dev/null; \"$@\"; echo $? >&2; } | true";

    [Theory]
    [InlineData("dissector --framing binary")]
    [InlineData("load --duration 10ms --connect")]
    [InlineData("load --duration 10ms --json --connect")]
    [InlineData("send --type 1 --text a --connect")]
    public async Task A_result_that_nobody_reads_is_one_line_and_1(string commandLine)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for a UNIX shell.");
        await using ToolServer server = await ToolServer.StartAsync(EngineKind.Sockets);
        string[] words = commandLine.Split(' ');
        await using ToolProcess script = ToolProcess.StartInScript(IntoClosedPipe, words[^1] == "--connect" ? [.. words, server.Address] : words);
        Assert.Equal(["framing: Broken pipe", "1"], (await script.ExitAsync()).Errors);
    }
}
