using System.Globalization;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>In a steady state no frame costs an allocation, by the runtime's own counter of all threads; the load is a process of its own.</summary>
[Collection(Alone.Name)]
public abstract class AllocationTests(TestedEngine engine) : EngineTests(engine)
{
    private const int WarmUpFrames = 200_000;
    private const int Frames = 200_000;
    private const int Windows = 5;

    // The smallest object takes 24 bytes: one allocation in 480 frames would reach this. What else lives in the process (timers)
    // allocates by time and not by frame, and a window of that many frames is short; the quietest window counts, in which a real one would show too.
    private const double BytesPerFrame = 0.05;

    [Fact]
    public Task Inline_delivery_allocates_nothing_for_a_frame()
        => MeasureAsync(options => options.Handler = new EchoHandler(), static _ => Task.CompletedTask);

    [Fact]
    public Task Pull_delivery_allocates_nothing_for_a_frame()
        => MeasureAsync(
            static _ => { },
            static async server =>
            {
                await foreach (ReceivedFrame frame in server.ReceiveAllAsync())
                {
                    using (frame)
                    {
                        frame.Connection.Send(frame.Bytes);
                    }
                }
            });

    private async Task MeasureAsync(Action<FrameServerOptions> configure, Func<FrameServer, Task> consume)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The load is stopped by a signal.");
        Task consumer;
        double quietest = double.MaxValue;
        await using (TestServer server = await StartAsync(configure))
        {
            consumer = consume(server.Server);
            await using ToolProcess load = ToolProcess.Start(
                "load", "--connect", $"{server.EndPoint}", "--engine", ToolServer.Name(Engine), "--connections", "8", "--depth", "16", "--duration", "10m", "--json");
            await FramesAsync(server, WarmUpFrames);
            Connection[] connections = [.. server.Server.Connections];
            for (int i = 0; i < Windows && quietest >= BytesPerFrame; i++)
            {
                quietest = Math.Min(quietest, await Task.Factory.StartNew(() => Window(connections), TaskCreationOptions.LongRunning));
            }

            await load.SignalAsync("INT");
            ToolResult result = await load.ExitAsync();
            Assert.True(result.ExitCode == 0, $"{result}");
        }

        await consumer.Bounded();
        Assert.True(quietest < BytesPerFrame, string.Create(CultureInfo.InvariantCulture, $"{quietest:F3} bytes a frame"));
    }

    // On a thread of its own, which allocates nothing itself, however long it takes.
    private static double Window(Connection[] connections)
    {
        long framesBefore = Received(connections);
        long bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
        long limit = Environment.TickCount64 + (long)Eventually.Limit.TotalMilliseconds;
        while (Received(connections) < framesBefore + Frames)
        {
            Assert.True(Environment.TickCount64 < limit, "The load stands still.");
            Thread.Sleep(50);
        }

        long bytes = GC.GetTotalAllocatedBytes(precise: true) - bytesBefore;
        return bytes / (double)(Received(connections) - framesBefore);
    }

    private static long Received(Connection[] connections)
    {
        long frames = 0;
        foreach (Connection connection in connections)
        {
            frames += connection.FramesReceived;
        }

        return frames;
    }

    private static async Task FramesAsync(TestServer server, long frames)
        => await Eventually.TrueAsync(() => server.Server.GetStatistics().FramesReceived >= frames, "the load has warmed the server up");
}
