using Iocp.Core;

namespace Framing.Integration;

/// <summary>A server that has run out of descriptors: it keeps whom it has, waits without effort, and goes on when there is room.</summary>
[Collection(Alone.Name)]
public abstract class DescriptorTests(TestedEngine engine) : EngineTests(engine)
{
    // Enough for the runtime and some clients.
    private const int Descriptors = 256;
    private const int Clients = 400;

    [Fact]
    public async Task Clients_beyond_the_limit_wait_until_others_leave()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at the server through /proc.");
        await using ToolServer server = await ToolServer.StartAsync(Tested, Descriptors, "--verbose");     // of the pauses one a minute is a warning
        List<PlainClient> clients = [];
        try
        {
            Task<byte[]>[] echoes = new Task<byte[]>[Clients];
            for (int i = 0; i < Clients; i++)
            {
                PlainClient client = await server.ConnectAsync();
                clients.Add(client);
                await client.SendAsync(Packets.Make(20, (uint)i));
                echoes[i] = client.ReceiveFrameAsync();
            }

            await Eventually.TrueAsync(() => server.Process.Errors.Any(line => line.Contains("Accepting on", StringComparison.Ordinal)), "the server says that it cannot accept");
            await server.StatisticsAsync(statistics => statistics.Connections > 0 && statistics.Connections == Served(echoes).Length, "whoever was accepted was answered");
            int[] served = Served(echoes);
            Assert.InRange(served.Length, 1, Descriptors);
            await WaitsWithoutEffortAsync(server.Process);
            // Nobody was closed, and nobody is waited for.
            Assert.Subset(Served(echoes).ToHashSet(), served.ToHashSet());
            foreach (int i in served)
            {
                byte[] again = Packets.Make(30, (uint)i);
                await clients[i].SendAsync(again);
                Assert.Equal(again, await clients[i].ReceiveFrameAsync());
            }

            // As those leave who were served, the others come in.
            HashSet<int> left = [];
            while (left.Count < Clients)
            {
                await Eventually.TrueAsync(() => Served(echoes).Any(i => !left.Contains(i)), $"another is served after {left.Count} left");
                foreach (int i in Served(echoes).Where(left.Add))
                {
                    Assert.Equal(Packets.Make(20, (uint)i), await echoes[i]);
                    clients[i].Dispose();
                }
            }

            ToolStatistics statistics = await server.AllGoneAsync(Clients);
            Assert.Equal(Clients, statistics.Closed[nameof(CloseReason.RemoteClosed)]);
            Assert.Equal(0, (await server.StopAsync()).ExitCode);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    private static int[] Served(Task<byte[]>[] echoes) => [.. Enumerable.Range(0, echoes.Length).Where(i => echoes[i].IsCompletedSuccessfully)];

    /// <summary>That it tries again, and only once a second in the end; and that it takes less than half of one processor in the pauses.</summary>
    private static async Task WaitsWithoutEffortAsync(ToolProcess server)
    {
        const int pauses = 2;
        await Eventually.TrueAsync(() => LongestPauses() > 0, "the pauses have become as long as they get");
        TimeSpan before = ProcessStatus.ProcessorTime(server.Id);
        int begun = LongestPauses();
        await Eventually.TrueAsync(() => LongestPauses() > begun + pauses, $"{pauses} pauses are over");     // and the one that was under way
        TimeSpan used = ProcessStatus.ProcessorTime(server.Id) - before;
        Assert.InRange(used, TimeSpan.Zero, TimeSpan.FromSeconds(LongestPauses() - begun - 1) / 2);

        int LongestPauses() => server.Errors.Count(line => line.Contains("trying again in 1000 ms", StringComparison.Ordinal));
    }
}
