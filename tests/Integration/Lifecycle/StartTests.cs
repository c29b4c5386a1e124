using System.Net;
using System.Net.Sockets;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

public abstract class StartTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task Port_0_takes_a_free_port_readable_after_start_only()
    {
        await using FrameServer server = Make(Loopback());
        Assert.Empty(server.EndPoints);
        await server.StartAsync();

        var bound = Assert.IsType<IPEndPoint>(Assert.Single(server.EndPoints));
        Assert.Equal(IPAddress.Loopback, bound.Address);
        Assert.NotEqual(0, bound.Port);
        using PlainClient client = await PlainClient.ConnectAsync(bound);
        await client.EchoAsync();
    }

    [Fact]
    public async Task A_server_starts_once_and_goes_on_when_started_again()
    {
        await using FrameServer server = Make(Loopback());
        await server.StartAsync();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => server.StartAsync());
        Assert.Contains("started already", refused.Message, StringComparison.Ordinal);

        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await client.EchoAsync();
    }

    [Fact]
    public async Task Of_many_starts_at_once_exactly_one_succeeds()
    {
        await using FrameServer server = Make(Loopback());
        Task<Exception?>[] starts = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await Record.ExceptionAsync(() => server.StartAsync())))];
        Exception?[] outcomes = await Task.WhenAll(starts).Bounded();
        Assert.Single(outcomes, outcome => outcome is null);
        Assert.All(outcomes.OfType<Exception>(), outcome => Assert.IsType<InvalidOperationException>(outcome));
    }

    [Fact]
    public async Task A_stopped_server_does_not_start()
    {
        await using FrameServer stopped = Make(Loopback());
        await stopped.StartAsync();
        await stopped.StopAsync();
        Assert.Contains("has stopped", (await Assert.ThrowsAsync<InvalidOperationException>(() => stopped.StartAsync())).Message, StringComparison.Ordinal);

        await using FrameServer neverStarted = Make(Loopback());
        await neverStarted.StopAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => neverStarted.StartAsync());
    }

    [Fact]
    public async Task A_start_that_is_cancelled_beforehand_binds_nothing_and_may_be_repeated()
    {
        await using FrameServer server = Make(Loopback());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.StartAsync(new CancellationToken(canceled: true)));
        Assert.Empty(server.EndPoints);
        await server.StartAsync();
        Assert.Single(server.EndPoints);
    }

    [Fact]
    public async Task A_port_in_use_is_named_nothing_stays_bound_and_the_start_may_be_repeated()
    {
        using var occupant = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        occupant.Bind(OwnAddress());
        occupant.Listen();
        var used = (IPEndPoint)occupant.LocalEndPoint!;
        using var file = new SocketFile();
        await using FrameServer server = Make(file.EndPoint, used);

        var refused = await Assert.ThrowsAsync<ListenException>(() => server.StartAsync());
        Assert.Equal(used, refused.EndPoint);
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
        Assert.StartsWith($"Cannot listen on {used}: ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(server.EndPoints);
        Assert.False(File.Exists(file.Path), "the first listener stayed bound");

        occupant.Dispose();
        await Eventually.SucceedsAsync<ListenException>(() => server.StartAsync());     // see Eventually.RefusedAsync
        Assert.Equal(used, server.EndPoints[1]);
        using PlainClient overTcp = await PlainClient.ConnectAsync(used);
        await overTcp.EchoAsync();
        using PlainClient overFile = await PlainClient.ConnectAsync(file.EndPoint);
        await overFile.EchoAsync();
    }

    [Fact]
    public async Task A_start_waits_for_no_handler_of_a_client_that_has_come_before_it_accepts()
    {
        using var leave = new ManualResetEventSlim();
        using var file = new SocketFile();
        var entered = new Signal();
        var framing = new WatchedFraming();
        var options = new FrameServerOptions
        {
            Handler = new DelegateHandler((_, _) =>
            {
                entered.Set();
                leave.Wait();
            }),
            Listeners = { new ListenerOptions { EndPoint = file.EndPoint, Framing = BinaryFraming.Create() }, new ListenerOptions { EndPoint = Loopback(), Framing = framing } },
        };
        Tested.Configure(options);
        await using var server = new FrameServer(options);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        framing.OnBind = () =>
        {
            client.Connect(file.EndPoint);
            client.Send(Packets.Make(1));
        };
        try
        {
            await Task.Run(() => server.StartAsync()).Bounded();
            await entered.WaitAsync();
        }
        finally
        {
            leave.Set();
        }
    }

    [Fact]
    public async Task A_start_that_fails_for_another_reason_leaves_nothing_bound_either_and_may_be_repeated()
    {
        var framing = new WatchedFraming();
        using var file = new SocketFile();
        var options = new FrameServerOptions
        {
            Handler = new EchoHandler(),
            Listeners = { new ListenerOptions { EndPoint = file.EndPoint, Framing = BinaryFraming.Create() }, new ListenerOptions { EndPoint = Loopback(), Framing = framing } },
        };
        Tested.Configure(options);
        await using var server = new FrameServer(options);
        framing.OnBind = () => throw new InvalidOperationException("no length");
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => server.StartAsync());
        Assert.Equal("no length", failure.Message);
        Assert.False(File.Exists(file.Path), "the first listener stayed bound");
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[1]);
        await client.EchoAsync();
    }

    [Fact]
    public async Task An_address_that_is_not_ours_is_a_listen_exception()
    {
        var foreign = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);   // kept for documentation by RFC 5737
        await using FrameServer server = Make(foreign);
        var refused = await Assert.ThrowsAsync<ListenException>(() => server.StartAsync());
        Assert.Equal(foreign, refused.EndPoint);
    }

    [Fact]
    public async Task Two_servers_never_share_a_port()
    {
        await using FrameServer first = Make(Loopback());
        await first.StartAsync();
        int port = ((IPEndPoint)first.EndPoints[0]).Port;

        await using FrameServer same = Make(first.EndPoints[0]);
        await Assert.ThrowsAsync<ListenException>(() => same.StartAsync());
        await using FrameServer wider = Make(new IPEndPoint(IPAddress.Any, port));
        await Assert.ThrowsAsync<ListenException>(() => wider.StartAsync());
        await using FrameServer twice = Make(Loopback(), first.EndPoints[0]);
        await Assert.ThrowsAsync<ListenException>(() => twice.StartAsync());

        using PlainClient client = await PlainClient.ConnectAsync(first.EndPoints[0]);
        await client.EchoAsync();
    }

    [Fact]
    public async Task Servers_that_start_at_once_on_a_port_never_share_it()
    {
        await using FrameServer probe = Make(OwnAddress());
        await probe.StartAsync();
        EndPoint port = probe.EndPoints[0];
        await probe.StopAsync();

        FrameServer[] servers = [.. Enumerable.Range(0, 4).Select(_ => Make(port))];
        Task<Exception?>[] starts = [.. servers.Select(server => Task.Run(async () => await Record.ExceptionAsync(() => server.StartAsync())))];
        Exception?[] outcomes = await Task.WhenAll(starts).Bounded();

        // Those that have bound and do not listen yet may refuse each other.
        Assert.InRange(outcomes.Count(outcome => outcome is null), 0, 1);
        Assert.All(outcomes.OfType<Exception>(), outcome => Assert.IsType<ListenException>(outcome));
        foreach (FrameServer server in servers)
        {
            await server.DisposeAsync();
        }

        await Eventually.SucceedsAsync<ListenException>(async () =>
        {
            await using FrameServer next = Make(port);
            await next.StartAsync();
        });
    }

    [Fact]
    public async Task A_port_is_bound_again_after_a_stop_with_open_connections()
    {
        EndPoint port = OwnAddress();
        for (int round = 0; round < 5; round++)
        {
            await using FrameServer server = Make(port);
            await Eventually.SucceedsAsync<ListenException>(() => server.StartAsync());     // see Eventually.RefusedAsync
            port = server.EndPoints[0];
            using PlainClient reads = await PlainClient.ConnectAsync(port);
            using PlainClient closes = await PlainClient.ConnectAsync(port);
            await reads.EchoAsync();
            await closes.EchoAsync();

            Task stopping = server.StopAsync();
            await closes.ExpectEndAsync();
            closes.Dispose();
            await stopping.Bounded();
        }
    }

    private static IPEndPoint Loopback() => new(IPAddress.Loopback, 0);

    private FrameServer Make(params EndPoint[] endPoints)
    {
        var options = new FrameServerOptions { Handler = new EchoHandler(), LingerTimeout = TimeSpan.FromMilliseconds(50) };
        Tested.Configure(options);
        foreach (EndPoint endPoint in endPoints)
        {
            options.Listeners.Add(new ListenerOptions { EndPoint = endPoint, Framing = BinaryFraming.Create() });
        }

        return new FrameServer(options);
    }

    /// <summary>Asked for its length while the server binds its listener, behind those before it.</summary>
    private sealed class WatchedFraming : IFraming
    {
        private readonly PacketFraming<PacketHead> _inner = BinaryFraming.Create();

        /// <summary>Run once.</summary>
        public Action? OnBind;

        public string Name => "watched";

        public int MaxFrameLength
        {
            get
            {
                Interlocked.Exchange(ref OnBind, null)?.Invoke();
                return _inner.MaxFrameLength;
            }
        }

        public IFrameDecoder CreateDecoder() => _inner.CreateDecoder();

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => _inner.CheckOutgoing(data);
    }
}
