using System.Text.Json;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>
/// Many connections at once. Server and clients are processes of their own: a process may hold some 20,000 descriptors, and 19,000 on each side
/// is what fits. The load opens all of them, compares every byte that comes back on each, and exits with 0 only if nothing was lost or wrong.
/// </summary>
[Collection(Alone.Name)]
public abstract class ScaleTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData("binary", "inline", 1_000)]
    [InlineData("binary", "pull", 1_000)]
    [InlineData("xml-raw", "inline", 1_000)]
    [InlineData("binary", "inline", 19_000)]
    [InlineData("binary", "pull", 19_000)]
    [InlineData("xml-raw", "inline", 19_000)]
    public async Task Every_byte_of_every_connection_comes_back(string framing, string delivery, int connections)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The load spreads over the loopback network, and the server is stopped by a signal.");
        await using ToolServer server = await ToolServer.StartAsync(Tested, "--framing", framing, "--delivery", delivery, "--first-frame-timeout", "0");

        ToolResult load = await server.LoadAsync(
            Engine, "--framing", framing, "--connections", $"{connections}", "--depth", "2", "--duration", "2s");

        Assert.True(load.ExitCode == 0, $"{load}");
        using JsonDocument report = JsonDocument.Parse(Assert.Single(load.Output));
        Assert.Equal(connections, report.RootElement.GetProperty("connections").GetInt32());

        ToolStatistics statistics = await server.AllGoneAsync(connections);
        // Beside the greeting of each: the load did run. (What the load itself counts is what came back within its time.)
        Assert.InRange(statistics.FramesReceived, connections + 1, long.MaxValue);
        Assert.Equal(connections, statistics.Closed[nameof(CloseReason.RemoteClosed)]);
        ToolResult stopped = await server.StopAsync();
        Assert.True(stopped.ExitCode == 0, $"{stopped}");
        Assert.Empty(stopped.Errors);
    }
}
