using System.Net;
using Iocp.Core;
using Iocp.Core.Engines;
using Iocp.Core.Engines.Iocp;

namespace Framing.Integration.Engines;

public sealed class IocpChurnTests() : ChurnTests(EngineKind.Iocp)
{
    private const int WarmUp = 1_000;
    private const int Cycles = 10_000;

    // Threads of the runtime's pool that started meanwhile have handles too. A leak of one in 100 cycles would exceed it.
    private const int HandleAllowance = 100;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Ten_thousand_visitors_leave_no_operation_no_buffer_and_no_handle()
    {
        IEngine? engine = null;
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.EngineFactory = host => engine = EngineSelector.Create(Engine, host);
        });
        int operations = engine!.Operations;
        ChurnCounts counts = await ChurnClient.RunAsync((IPEndPoint)server.EndPoint, WarmUp).WaitAsync(s_limit);
        await server.EmptyAsync();
        int handles = ProcessResources.Handles;
        Assert.InRange(handles, 1, int.MaxValue);

        counts += await ChurnClient.RunAsync((IPEndPoint)server.EndPoint, Cycles).WaitAsync(s_limit);

        await server.EmptyAsync();
        Assert.Equal(WarmUp + Cycles, counts.Reset + counts.Finished + counts.Truncated + counts.Malformed);
        Assert.Equal(WarmUp + Cycles, server.Closed.Count);
        // Wine tells some of the resets as a clean end.
        Assert.Equal(counts.Reset + counts.Finished, server.Closed.Count(closed => closed.Reason is CloseReason.RemoteReset or CloseReason.RemoteClosed));
        Assert.Equal(counts.Truncated, server.Closed.Count(closed => closed.Reason == CloseReason.TruncatedFrame));
        Assert.Equal(counts.Malformed, server.Closed.Count(closed => closed.Reason == CloseReason.FrameRejected));
        await Eventually.EqualAsync(operations, () => engine.Operations, "the number of operations");
        await Eventually.TrueAsync(() => ProcessResources.Handles <= handles + HandleAllowance, $"about {handles} handles are open, of {ProcessResources.Handles}");

        await server.DisposeAsync();
        Assert.Equal(0, engine.Operations);
        Assert.Empty(((IocpEngine)engine).Port.Operations);
        await Eventually.EqualAsync(0, () => server.Server.Pool.RentedCount, "the number of rented buffers");
    }
}
