using Iocp.Core;

namespace Framing.Integration;

/// <summary>What the log of a host says of its options.</summary>
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

    private static Task<TestServer> StartAsync(EngineKind engine, Journal journal, Action<FrameServerOptions>? configure = null)
        => TestServer.StartAsync(engine, options =>
        {
            options.Handler = new EchoHandler();
            options.LoggerFactory = journal;
            configure?.Invoke(options);
        });
}
