using System.Net.Sockets;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>What <see cref="EngineKind.Auto"/> comes to.</summary>
public sealed class EngineChoiceTests
{
    [Fact]
    public async Task Where_the_kernel_has_io_uring_Auto_serves_on_it()
    {
        new TestedEngine(EngineKind.IoUring).OrSkip();
        using var journal = new Journal();
        await using var server = new FrameServer(Options(EngineKind.Auto, journal));
        Assert.Equal(EngineKind.IoUring, server.Engine);
        Assert.Equal(0, journal.Count("io_uring is not available here"));
        await EchoAsync(server);
    }

    [Theory]
    [InlineData(1, "it is forbidden, ")]                    // EPERM, as in containers
    [InlineData(38, "the kernel was built without it")]     // ENOSYS
    [InlineData(22, "the kernel is older than 6.0")]        // EINVAL, whatever the flags
    public async Task Where_io_uring_is_not_to_be_had_Auto_serves_on_epoll_and_forcing_it_says_why(int errno, string why)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has io_uring and epoll.");
        using var journal = new Journal();
        (FrameServer server, Exception? forced) = OnThreadWithoutIoUring((ushort)errno, () =>
        {
            var made = new FrameServer(Options(EngineKind.Auto, journal));
            Exception? exception = Record.Exception(() => new FrameServer(Options(EngineKind.IoUring, journal)));
            return (made, exception);
        });

        await using (server)
        {
            Assert.Equal(EngineKind.Epoll, server.Engine);
            Assert.Equal(1, journal.Count($"io_uring is not available here ({why}"));
            Assert.Contains(why, Assert.IsType<PlatformNotSupportedException>(forced).Message, StringComparison.Ordinal);
            await EchoAsync(server);
        }
    }

    [Theory]
    [InlineData(24, SocketError.TooManyOpenSockets)]        // EMFILE
    [InlineData(12, SocketError.NoBufferSpaceAvailable)]    // ENOMEM
    public void Want_of_descriptors_or_memory_says_nothing_about_the_machine(int errno, SocketError error)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has io_uring and epoll.");
        using var journal = new Journal();
        foreach (EngineKind kind in new[] { EngineKind.Auto, EngineKind.IoUring })
        {
            Exception? exception = OnThreadWithoutIoUring((ushort)errno, () => Record.Exception(() => new FrameServer(Options(kind, journal))));
            Assert.Equal(error, Assert.IsType<SocketException>(exception).SocketErrorCode);
        }

        Assert.Equal(0, journal.Count("io_uring is not available here"));
    }

    private static async Task EchoAsync(FrameServer server)
    {
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await client.EchoAsync(payloadLength: 100);
    }

    private static FrameServerOptions Options(EngineKind engine, Journal journal) => new()
    {
        Engine = engine,
        Handler = new EchoHandler(),
        LoggerFactory = journal,
        Listeners = { new ListenerOptions { EndPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), Framing = BinaryFraming.Create() } },
    };

    // The filter is for the one thread that installs it, and ends with it; threads that it starts inherit it. So it completes no task: whoever waits
    // for that could be given a new thread of the pool, which would keep the filter for other tests.
    private static T OnThreadWithoutIoUring<T>(ushort errno, Func<T> function)
    {
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() =>
        {
            SystemCallFilter.Fail(SystemCallFilter.IoUringSetup, errno);
            result = function();
        }));
        thread.Start();
        Assert.True(thread.Join(Eventually.Limit), "the thread has not ended");
        Assert.Null(failure);
        return result;
    }
}
