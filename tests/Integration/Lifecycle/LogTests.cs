using Iocp.Core;

namespace Framing.Integration;

/// <summary>What the log of a host says of its options and of the application.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task An_engine_that_ignores_Workers_says_so_once_and_only_when_they_were_set()
    {
        using var journal = new Journal();
        await using TestServer unset = await StartAsync(EngineKind.Sockets, journal);
        Assert.Equal(0, journal.Count("The Workers option"));
        await using TestServer set = await StartAsync(EngineKind.Sockets, journal, options => options.Workers = 3);
        Assert.Equal(1, journal.Count("The Workers option (3) does not apply"));
    }

    [Theory]
    [InlineData(EngineKind.Sockets)]
    [InlineData(EngineKind.Epoll)]
    public async Task An_engine_that_ignores_DirectDescriptors_says_so_once_and_only_when_they_were_set(EngineKind engine)
    {
        Assert.SkipUnless(engine == EngineKind.Sockets || OperatingSystem.IsLinux(), "Only Linux has epoll.");
        using var journal = new Journal();
        await using TestServer unset = await StartAsync(engine, journal);
        Assert.Equal(0, journal.Count("DirectDescriptors"));
        await using TestServer set = await StartAsync(engine, journal, options => options.DirectDescriptors = true);
        Assert.Equal(1, journal.Count($"DirectDescriptors does not apply to the {engine} engine"));
    }

    [Fact]
    public async Task A_Closed_callback_that_throws_is_logged_and_the_server_goes_on()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(EngineKind.Sockets, journal, options => options.Closed = _ => throw new InvalidOperationException("no notice today"));
        for (int i = 1; i <= 2; i++)
        {
            using (PlainClient client = await server.ConnectAsync())
            {
                await client.EchoAsync();
            }

            await server.EmptyAsync();
            Assert.Equal(i, server.Closed.Count);
        }

        Assert.All(server.Closed, closed => Assert.Equal(1, journal.Count($"The Closed callback threw for connection {closed.Connection.Id}")));
    }

    private static Task<TestServer> StartAsync(EngineKind engine, Journal journal, Action<FrameServerOptions>? configure = null)
        => TestServer.StartAsync(engine, options =>
        {
            options.Handler = new EchoHandler();
            options.LoggerFactory = journal;
            configure?.Invoke(options);
        });
}
