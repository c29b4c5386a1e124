using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iocp.Core;
using Iocp.Core.Engines;
using Iocp.Core.Engines.Iocp;

namespace Framing.Integration.Engines;

/// <summary>What becomes of a server whose completion port is lost: the handle is exchanged for one of another kind, so that every call on it fails.</summary>
public sealed class IocpPortTests() : EngineTests(EngineKind.Iocp)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_is_connected_is_closed_and_the_server_stops(bool poster)
    {
        using var journal = new Journal();
        IocpEngine? engine = null;
        await using TestServer server = await StartAsync(options =>
        {
            options.LoggerFactory = journal;
            options.Handler = new EchoHandler();
            options.EngineFactory = host => engine = (IocpEngine)EngineSelector.Create(Engine, host);
        }, endPoint: OwnAddress());
        (PlainClient Client, Connection Connection)[] pairs = [await server.ConnectBothAsync(), await server.ConnectBothAsync(), await server.ConnectBothAsync()];
        foreach ((PlainClient client, _) in pairs)
        {
            await client.EchoAsync();
        }

        // One has a send outstanding, one does not read.
        Assert.Equal(SendStatus.Queued, pairs[1].Connection.Send(Packets.MakeMany(Enumerable.Repeat(8000, 2000))).Status);
        pairs[2].Connection.PauseReceiving();
        await pairs[2].Client.SendAsync(Packets.Make(100));
        await Eventually.TrueAsync(() => !Of<ReceiveOperation>(engine!).Any(receive => receive.Connection == pairs[2].Connection), "the reader has stopped");

        nint port = Exchange(engine!);
        if (poster)
        {
            pairs[2].Connection.ResumeReceiving();      // by a packet to the port
        }

        await Eventually.EqualAsync(3, () => server.Closed.Count, "the number of close notifications");
        Assert.All(server.Closed, closed =>
        {
            Assert.Equal(CloseReason.ReceiveFailed, closed.Reason);
            Assert.Contains("QueuedCompletionStatus", Assert.IsType<Win32Exception>(closed.Error).Message, StringComparison.Ordinal);
        });
        Assert.Equal(1, journal.Count("The completion port is lost"));
        await server.Server.StopAsync().Bounded();
        Assert.Same(server.Closed.First().Error, await Assert.ThrowsAsync<Win32Exception>(() => server.Server.Completion));
        Assert.Equal(0, engine!.Operations);
        Assert.Equal(1, journal.Count("Stopped"));
        Assert.Equal(0, journal.Count("Work on"));
        await Eventually.RefusedAsync(() => server.ConnectAsync());
        foreach ((PlainClient client, _) in pairs)
        {
            client.Dispose();
        }

        Assert.NotEqual(0, Kernel32.CloseHandle(port));
    }

    [Fact]
    public async Task A_client_that_is_connecting_is_told()
    {
        IocpEngine? engine = null;
        await using var client = new TestClient(Engine, configure: options => options.EngineFactory = host => engine = (IocpEngine)EngineSelector.Create(Engine, host));
        using var target = new PlainServer();
        await client.Client.ConnectAsync(target.EndPoint).Bounded();
        nint port = Exchange(engine!);
        Assert.IsNotType<TimeoutException>(await Assert.ThrowsAnyAsync<Exception>(() => client.Client.ConnectAsync(target.EndPoint).Bounded()));
        Assert.Equal(CloseReason.ReceiveFailed, (await client.OnlyCloseAsync()).Reason);
        await client.Client.StopAsync().Bounded();
        Assert.Equal(0, engine!.Operations);
        Assert.NotEqual(0, Kernel32.CloseHandle(port));
    }

    private static IEnumerable<TOperation> Of<TOperation>(IocpEngine engine) => engine.Port.Operations.Keys.OfType<TOperation>();

    /// <summary>Puts an event in the port's place, and gives the port back.</summary>
    private static nint Exchange(IocpEngine engine)
    {
        using var other = new ManualResetEvent(false);
        nint handle = other.SafeWaitHandle.DangerousGetHandle();
        other.SafeWaitHandle.SetHandleAsInvalid();      // the engine closes it
        return Interlocked.Exchange(ref ValueOf(PortOf(engine.Port)), handle);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_port")]
    private static extern ref CompletionPortHandle PortOf(CompletionPort port);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "handle")]
    private static extern ref nint ValueOf(SafeHandle handle);
}
