using System.Net;
using System.Net.Sockets;
using Iocp.Core;
using Microsoft.Extensions.Logging;

namespace Framing.Integration;

public abstract class ClientTests(TestedEngine engine) : EngineTests(engine)
{
    public static TheoryData<DeliveryKind, bool> DeliveriesAndServers
    {
        get
        {
            var data = new TheoryData<DeliveryKind, bool>();
            foreach (DeliveryKind delivery in Enum.GetValues<DeliveryKind>())
            {
                data.Add(delivery, true);
                data.Add(delivery, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(DeliveriesAndServers))]
    public async Task Frames_come_back_from_our_server_and_from_a_plain_one(DeliveryKind delivery, bool plain)
    {
        await using TestServer ours = await StartAsync(options => options.Handler = new EchoHandler());
        using var theirs = new PlainServer();
        Task echoing = theirs.EchoAsync();
        await using (var client = new TestClient(Tested, delivery))
        {
            EndPoint to = plain ? theirs.EndPoint : ours.EndPoint;
            Connection connection = await client.Client.ConnectAsync(to).Bounded();
            Assert.Equal(to, connection.RemoteEndPoint);
            Assert.Null(connection.Listener);
            Assert.True(client.Client.TryGetConnection(connection.Id, out Connection? found));
            Assert.Same(connection, found);
            await client.EchoAsync(connection);

            connection.Close();
            Assert.Equal(CloseReason.LocalClosed, (await client.OnlyCloseAsync()).Reason);
            await Eventually.EqualAsync(0, () => client.Client.ConnectionCount, "the number of connections");
        }

        theirs.Dispose();
        await echoing.Bounded();
    }

    [Fact]
    public async Task A_state_given_to_the_connect_is_there_when_the_first_frame_comes()
    {
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, _) =>
        {
            connection.Send(Packets.Make(10));      // before the client knows that it is connected
            await foreach (ReceivedFrame frame in frames)
            {
                frame.Dispose();
            }
        });
        await using var client = new TestClient(Tested, configure: options => options.Handler = new DelegateHandler((connection, _) => ((TaskCompletionSource<Connection>)connection.State!).SetResult(connection)));
        for (int i = 0; i < 50; i++)
        {
            var greeted = new TaskCompletionSource<Connection>(TaskCreationOptions.RunContinuationsAsynchronously);
            Connection connection = await client.Client.ConnectAsync(server.EndPoint, null, greeted, CancellationToken.None).Bounded();
            Assert.Same(connection, await greeted.Task.Bounded());
        }
    }

    [Theory]
    [MemberData(nameof(DeliveriesAndServers))]
    public async Task Many_connections_of_one_client_do_not_mix(DeliveryKind delivery, bool plain)
    {
        await using TestServer ours = await StartAsync(options => options.Echo(DeliveryKind.PerConnection));
        using var theirs = new PlainServer();
        _ = theirs.EchoAsync();
        await using var client = new TestClient(Tested, delivery);
        Connection[] connections = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.Client.ConnectAsync(plain ? theirs.EndPoint : ours.EndPoint))).Bounded();
        Assert.Equal(40, connections.DistinctBy(connection => connection.Id).Count());
        await Task.WhenAll(connections.Select(async (connection, i) =>
        {
            byte[] mine = Packets.Make(100 + i, (uint)i);
            connection.Send(mine);
            Assert.Equal(mine, await client.ReceiveAsync(connection));
        }));
        Assert.Equal(40, client.Client.ConnectionCount);
        Array.ForEach(connections, connection => connection.Close());
        await Eventually.EqualAsync(40, () => client.Closed.Count, "the number of notifications");
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_host_is_an_address_or_a_name(string host)
    {
        // Of a name the IPv4 addresses: at the other another test may have the port.
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        await using var client = new TestClient(Tested, configure: options => options.Resolve = (name, _, cancellationToken) => Dns.GetHostAddressesAsync(name, AddressFamily.InterNetwork, cancellationToken));
        Connection connection = await client.Client.ConnectAsync(host, ((IPEndPoint)server.EndPoint).Port).Bounded();
        await client.EchoAsync(connection);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65_536)]
    public async Task A_port_out_of_range_is_refused(int port)
    {
        await using var client = new TestClient(Tested);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(nameof(port), () => client.Client.ConnectAsync("localhost", port));
    }

    [Fact]
    public async Task A_unix_socket()
    {
        using var file = new SocketFile();
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), endPoint: file.EndPoint);
        await using var client = new TestClient(Tested);
        Connection connection = await client.Client.ConnectAsync(file.EndPoint).Bounded();
        await client.EchoAsync(connection);
        Assert.Equal(file.Path, connection.RemoteEndPoint?.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task More_may_be_asked_than_both_queues_hold_before_anything_is_answered(bool unix)
    {
        const int frames = 600, length = 8000;
        using SocketFile? file = unix ? new SocketFile() : null;
        await using TestServer server = await StartAsync(
            options =>
            {
                Limit(options);
                options.Handler = new EchoHandler();
            },
            endPoint: file?.EndPoint);
        await using var client = new TestClient(Tested, configure: Limit);
        Connection connection = await client.Client.ConnectAsync(server.EndPoint).Bounded();
        Task sending = SendAllAsync();
        for (uint i = 0; i < frames; i++)
        {
            Assert.Equal(Packets.Make(length, i), await client.ReceiveAsync(connection));
        }

        await sending;

        async Task SendAllAsync()
        {
            for (uint i = 0; i < frames; i++)
            {
                Assert.Equal(SendStatus.Queued, (await connection.SendAsync(Packets.Make(length, i)).AsTask().Bounded()).Status);
            }
        }

        static void Limit(FrameHostOptions options)
        {
            options.SendQueueBytesPerConnection = 16_384;
            options.SendBufferSize = options.ReceiveBufferSize = 16_384;
        }
    }

    [Fact]
    public async Task The_local_end_point_may_be_chosen()
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "only 127.0.0.1 is a loopback address there");
        using var server = new PlainServer();
        await using var client = new TestClient(Tested);
        var from = new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0);
        Connection connection = await client.Client.ConnectAsync(server.EndPoint, from).Bounded();
        using PlainClient accepted = await server.AcceptAsync();
        Assert.Equal(from.Address, ((IPEndPoint)accepted.Socket.RemoteEndPoint!).Address);
        Assert.Equal(accepted.Socket.RemoteEndPoint, connection.LocalEndPoint);

        // A name whose addresses are of both families, from an address of one.
        Connection byName = await client.Client.ConnectAsync(new DnsEndPoint("localhost", ((IPEndPoint)server.EndPoint).Port), from).Bounded();
        Assert.Equal(from.Address, ((IPEndPoint)byName.LocalEndPoint!).Address);
    }

    [Fact]
    public async Task A_UNIX_address_to_connect_from_is_free_again_after_the_connection()
    {
        using var there = new SocketFile();
        using var here = new SocketFile();
        using var server = new PlainServer(there.EndPoint);
        await using var client = new TestClient(Tested);
        for (int i = 0; i < 3; i++)
        {
            Connection connection = await client.Client.ConnectAsync(there.EndPoint, here.EndPoint).Bounded();
            using PlainClient accepted = await server.AcceptAsync();
            Assert.Equal(here.Path, accepted.Socket.RemoteEndPoint!.ToString());
            connection.Close();
            await accepted.ExpectEndAsync();
            await Eventually.TrueAsync(() => !File.Exists(here.Path), "the file is gone");
        }
    }

    [Fact]
    public async Task Nobody_there_is_a_SocketException_and_leaves_no_connection()
    {
        var nobody = new IPEndPoint(IPAddress.Loopback, 1);     // a port that the system gives to nobody who asks for any
        await using var client = new TestClient(Tested);
        var refused = await Assert.ThrowsAnyAsync<SocketException>(() => client.Client.ConnectAsync(nobody).Bounded());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        Assert.StartsWith("127.0.0.1:1: ", refused.Message, StringComparison.Ordinal);
        var fromSomewhere = await Assert.ThrowsAnyAsync<SocketException>(() => client.Client.ConnectAsync(nobody, new IPEndPoint(IPAddress.Loopback, 0)).Bounded());
        Assert.StartsWith("127.0.0.1:1 from 127.0.0.1:0: ", fromSomewhere.Message, StringComparison.Ordinal);
        using var file = new SocketFile();
        var missing = await Assert.ThrowsAnyAsync<SocketException>(() => client.Client.ConnectAsync(file.EndPoint).Bounded());
        Assert.Equal($"{file.Path}: it does not exist", missing.Message);
        Assert.Equal(0, client.Client.ConnectionCount);
        Assert.Empty(client.Closed);
    }

    [Fact]
    public async Task End_points_that_cannot_be_connected_are_refused_by_name()
    {
        await using var client = new TestClient(Tested);
        var there = new IPEndPoint(IPAddress.Loopback, 1);
        var name = new DnsEndPoint("localhost", 1);
        await RefusedAsync("remoteEndPoint", "127.0.0.1:0 ", new IPEndPoint(IPAddress.Loopback, 0), null);
        await RefusedAsync("remoteEndPoint", "localhost:0 ", new DnsEndPoint("localhost", 0), null);
        await RefusedAsync("remoteEndPoint", "another ", new AnotherEndPoint(), null);
        await RefusedAsync("localEndPoint", "[::1]:0;", there, new IPEndPoint(IPAddress.IPv6Loopback, 0));
        await RefusedAsync("localEndPoint", "localhost:1;", there, name);
        if (Socket.OSSupportsUnixDomainSockets)
        {
            var file = new UnixDomainSocketEndPoint("socket");
            await RefusedAsync("localEndPoint", "127.0.0.1:1;", file, there);
            await RefusedAsync("localEndPoint", "socket;", there, file);
            await RefusedAsync("localEndPoint", "socket;", name, file);
        }

        async Task RefusedAsync(string parameter, string value, EndPoint remote, EndPoint? local)
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(parameter, () => client.Client.ConnectAsync(remote, local));
            Assert.StartsWith($"{parameter} is {value}", refused.Message, StringComparison.Ordinal);
        }
    }

    private sealed class AnotherEndPoint : EndPoint
    {
        public override string ToString() => "another";
    }

    [Fact]
    public async Task What_the_server_closes_is_notified_after_its_last_frame()
    {
        using var server = new PlainServer();
        await using var client = new TestClient(Tested, DeliveryKind.Pull);
        Connection connection = await client.Client.ConnectAsync(server.EndPoint).Bounded();
        PlainClient accepted = await server.AcceptAsync();
        await accepted.SendAsync(Packets.MakeMany([1, 2, 3]));
        accepted.FinishSending();
        for (uint i = 0; i < 3; i++)
        {
            Assert.Equal(i, Packets.Serial(await client.ReceiveAsync(connection)));
        }

        Assert.Equal(CloseReason.RemoteClosed, (await client.OnlyCloseAsync()).Reason);
        await accepted.ExpectEndAsync();
        accepted.Dispose();
        Assert.Equal(SendStatus.Closed, connection.Send(Packets.Make(1)).Status);
    }

    [Fact]
    public async Task A_stop_closes_every_connection_and_no_further_one_is_made()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        await using var client = new TestClient(Tested);
        Connection[] connections = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.Client.ConnectAsync(server.EndPoint))).Bounded();
        await client.EchoAsync(connections[0]);

        await client.Client.StopAsync().Bounded();
        await Eventually.EqualAsync(10, () => client.Closed.Count, "the number of notifications");
        Assert.All(client.Closed, closed => Assert.Equal(CloseReason.ServerStopping, closed.Reason));
        await Eventually.EqualAsync(10, () => server.Closed.Count, "the number of the server's notifications");
        Assert.All(server.Closed, closed => Assert.Equal(CloseReason.RemoteClosed, closed.Reason));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => client.Client.ConnectAsync(server.EndPoint));
        Assert.Contains("stopped", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_beyond_MaxConnections_are_refused_and_harm_nobody()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        var client = new TestClient(Tested, configure: options => options.MaxConnections = 2);
        Connection first = await client.Client.ConnectAsync(server.EndPoint).Bounded();
        Connection second = await client.Client.ConnectAsync(server.EndPoint).Bounded();
        for (int i = 0; i < 3; i++)
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => client.Client.ConnectAsync(server.EndPoint).Bounded());
            Assert.Contains("MaxConnections is 2", refused.Message, StringComparison.Ordinal);
        }

        await client.EchoAsync(first);
        await client.EchoAsync(second);
        first.Close();
        await client.OnlyCloseAsync();
        await Eventually.EqualAsync(1, () => client.Client.ConnectionCount, "the number of connections");
        await client.EchoAsync(await client.Client.ConnectAsync(server.EndPoint).Bounded());
        await client.DisposeAsync().AsTask().Bounded();
    }

    [Fact]
    public async Task A_decoder_that_cannot_be_made_is_the_callers_exception()
    {
        using var server = new PlainServer();
        using var journal = new Journal();
        var options = new FrameClientOptions { Framing = new NoDecoder(), LoggerFactory = journal };
        Tested.Configure(options);
        await using var client = new FrameClient(options);
        await Assert.ThrowsAsync<NotSupportedException>(() => client.ConnectAsync(server.EndPoint).Bounded());
        using PlainClient accepted = await server.AcceptAsync();
        await accepted.ExpectEndAsync();
        await client.StopAsync().Bounded();
        Assert.Equal(0, journal.Count("", LogLevel.Error) + journal.Count("", LogLevel.Warning));
    }

    private sealed class NoDecoder : IFraming
    {
        public string Name => "none";

        public int MaxFrameLength => 1;

        public IFrameDecoder CreateDecoder() => throw new NotSupportedException();

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;
    }
}
