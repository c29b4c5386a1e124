using Iocp.Core;

namespace Framing.Integration;

/// <summary>
/// Connections that come, exchange one frame and go, in four ways, 100,000 times; the server is a process of its own, and keeps nothing of them.
/// (The server that this one descends from died after 2,000.)
/// </summary>
[Collection(Alone.Name)]
public abstract class ChurnProcessTests(TestedEngine engine) : EngineTests(engine)
{
    private const int WarmUp = 2_000;
    private const int Cycles = 100_000;

    // What the collector may keep above what 2,000 cycles needed. A leak of one receive buffer in 100 cycles would exceed it, or of 700 bytes a cycle.
    private const long MemoryAllowance = 64 << 20;

    [Fact]
    public async Task A_hundred_thousand_visitors_leave_nothing_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at the server through /proc.");
        await using ToolServer server = await ToolServer.StartAsync(Tested);

        ChurnCounts warmUp = await ChurnClient.RunAsync(server.EndPoint, WarmUp);
        await server.AllGoneAsync(WarmUp);
        int descriptors = ProcessStatus.Descriptors(server.Process.Id);
        long memory = ProcessStatus.ResidentBytes(server.Process.Id);

        ChurnCounts counts = warmUp + await ChurnClient.RunAsync(server.EndPoint, Cycles);

        ToolStatistics statistics = await server.AllGoneAsync(WarmUp + Cycles);
        Assert.Equal(WarmUp + Cycles, statistics.Closed.Values.Sum());
        Assert.Equal(counts.Reset, statistics.Closed[nameof(CloseReason.RemoteReset)]);
        Assert.Equal(counts.Finished, statistics.Closed[nameof(CloseReason.RemoteClosed)]);
        Assert.Equal(counts.Truncated, statistics.Closed[nameof(CloseReason.TruncatedFrame)]);
        Assert.Equal(counts.Malformed, statistics.Closed[nameof(CloseReason.FrameRejected)]);
        await Eventually.TrueAsync(() => ProcessStatus.Descriptors(server.Process.Id) <= descriptors, $"no more than {descriptors} descriptors are open");
        Assert.InRange(ProcessStatus.ResidentBytes(server.Process.Id), 0, memory + MemoryAllowance);

        ToolResult stopped = await server.StopAsync();
        Assert.True(stopped.ExitCode == 0, $"{stopped}");
        Assert.Empty(stopped.Errors);
    }
}
