using System.Runtime.Versioning;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>What <see cref="EngineKind.Auto"/> comes to.</summary>
public sealed class EngineChoiceTests
{
    [Fact]
    public async Task Where_io_uring_is_forbidden_Auto_serves_on_epoll_and_forcing_it_says_why()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;     // nothing to choose from
        }

        (FrameServer server, Exception? forced) = await OnThreadWithoutIoUring(() =>
        {
            var made = new FrameServer(Options(EngineKind.Auto));
            Exception? exception = Record.Exception(() => new FrameServer(Options(EngineKind.IoUring)));
            return (made, exception);
        });

        await using (server)
        {
            Assert.Equal(EngineKind.Epoll, server.Engine);
            Assert.Contains("forbidden", Assert.IsType<PlatformNotSupportedException>(forced).Message, StringComparison.Ordinal);
            await server.StartAsync();
            using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
            byte[] frame = Packets.Make(100);
            await client.SendAsync(frame);
            Assert.Equal(frame, await client.ReceiveAsync(frame.Length));
        }
    }

    private static FrameServerOptions Options(EngineKind engine) => new()
    {
        Engine = engine,
        Handler = new EchoHandler(),
        Listeners = { new ListenerOptions { EndPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), Framing = BinaryFraming.Create() } },
    };

    // The filter is for the one thread that installs it, and ends with it.
    [SupportedOSPlatform("linux")]
    private static Task<T> OnThreadWithoutIoUring<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                SystemCallFilter.Forbid(SystemCallFilter.IoUringSetup);
                result.SetResult(function());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        }).Start();
        return result.Task.Bounded();
    }
}
