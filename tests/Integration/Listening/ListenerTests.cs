using System.Net;
using System.Net.Sockets;
using Framing.Binary;
using Framing.Xml;
using Iocp.Core;

namespace Framing.Integration;

public abstract class ListenerTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::")]
    public async Task A_tcp_connection_knows_both_ends_and_its_listener(string address)
    {
        var at = IPAddress.Parse(address);
        SkipWithout(at);
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), endPoint: new IPEndPoint(at, 0));
        var bound = Assert.IsType<IPEndPoint>(server.EndPoint);
        Assert.Equal(at, bound.Address);

        IPAddress to = at.Equals(IPAddress.Any) ? IPAddress.Loopback : at.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : at;
        using PlainClient client = await PlainClient.ConnectAsync(new IPEndPoint(to, bound.Port));
        await client.EchoAsync();
        Connection connection = await server.OnlyConnectionAsync();
        EndPoint? near = client.Socket.LocalEndPoint;
        Assert.Equal(near, connection.RemoteEndPoint);
        Assert.Equal(client.Socket.RemoteEndPoint, connection.LocalEndPoint);
        Assert.Equal(bound.Address, Assert.IsType<IPEndPoint>(connection.Listener!.EndPoint).Address);

        client.Dispose();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Same(connection, closed.Connection);
        Assert.Equal(near, connection.RemoteEndPoint);
        Assert.True(connection.LocalEndPoint is null or IPEndPoint);    // null once it can no longer be asked for; never an exception
    }

    [Fact]
    public async Task A_dual_mode_listener_accepts_both_families()
    {
        SkipWithout(IPAddress.IPv6Loopback);
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), endPoint: new IPEndPoint(IPAddress.IPv6Any, 0));
        int port = ((IPEndPoint)server.EndPoint).Port;
        using PlainClient four = await PlainClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        await four.EchoAsync();
        var remote = (IPEndPoint)(await server.OnlyConnectionAsync()).RemoteEndPoint!;
        Assert.Equal(IPAddress.Loopback, remote.Address.MapToIPv4());
        Assert.Equal(((IPEndPoint)four.Socket.LocalEndPoint!).Port, remote.Port);

        using PlainClient six = await PlainClient.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, port));
        await six.EchoAsync();
    }

    [Fact]
    public async Task Without_dual_mode_an_IPv6_listener_accepts_no_IPv4()
    {
        SkipWithout(IPAddress.IPv6Loopback);
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.Listeners.Add(new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.IPv6Any, 0), Framing = BinaryFraming.Create(), DualMode = false });
        });
        int port = ((IPEndPoint)server.EndPoint).Port;
        try
        {
            // At an address of its own, for somebody else may have that port of another.
            using PlainClient four = await PlainClient.ConnectAsync(new IPEndPoint(OwnAddress().Address, port));
        }
        catch (SocketException)
        {
        }

        using PlainClient six = await PlainClient.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, port));
        await six.EchoAsync();
        Assert.Equal(1, server.Server.GetStatistics().Accepted);
    }

    [Fact]
    public async Task A_unix_socket_is_served_and_its_file_removed_at_stop()
    {
        using var file = new SocketFile();
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), endPoint: file.EndPoint);
        Assert.Equal(file.Path, server.EndPoint.ToString());
        using (PlainClient client = await PlainClient.ConnectAsync(file.EndPoint))
        {
            await client.EchoAsync();
            Connection connection = await server.OnlyConnectionAsync();
            Assert.True(string.IsNullOrEmpty(connection.RemoteEndPoint?.ToString()));   // an unnamed peer
            Assert.Equal(file.Path, connection.LocalEndPoint?.ToString());
        }

        Assert.True(File.Exists(file.Path));
        await server.Server.StopAsync().Bounded();
        Assert.False(File.Exists(file.Path));
    }

    [Fact]
    public async Task A_unix_socket_in_use_is_an_error_and_stays()
    {
        using var file = new SocketFile();
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), endPoint: file.EndPoint);
        await RefusedAsync(file.EndPoint);
        using PlainClient client = await PlainClient.ConnectAsync(file.EndPoint);
        await client.EchoAsync();
    }

    [Fact]
    public async Task A_unix_socket_whose_backlog_is_full_is_in_use_too()
    {
        using var file = new SocketFile();
        using var busy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        busy.Bind(file.EndPoint);
        busy.Listen(0);
        var waiting = new List<Socket>();
        while (true)
        {
            var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
            waiting.Add(client);
            if (Record.Exception(() => client.Connect(file.EndPoint)) is not null)
            {
                break;
            }
        }

        await Task.Run(() => RefusedAsync(file.EndPoint)).Bounded();
        waiting.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_deserted_socket_file_is_replaced()
    {
        using var file = new SocketFile();
        string moved = file.Path + ".moved";
        using (var deserter = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            deserter.Bind(file.EndPoint);
            deserter.Listen();
            File.Move(file.Path, moved);    // from where its close does not remove it
        }

        File.Move(moved, file.Path);
        // See Eventually.RefusedAsync: a file that somebody listens on is not replaced.
        await using TestServer server = await Eventually.SucceedsAsync<TestServer, ListenException>(
            () => StartAsync(options => options.Handler = new EchoHandler(), endPoint: file.EndPoint));
        using PlainClient client = await PlainClient.ConnectAsync(file.EndPoint);
        await client.EchoAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_no_socket_is_an_error_and_stays(bool directory)
    {
        using var file = new SocketFile();
        if (directory)
        {
            Directory.CreateDirectory(file.Path);
        }
        else
        {
            await File.WriteAllTextAsync(file.Path, "precious");
        }

        await RefusedAsync(file.EndPoint);
        Assert.True(directory ? Directory.Exists(file.Path) : await File.ReadAllTextAsync(file.Path) == "precious");
    }

    [Fact]
    public async Task A_file_that_is_locked_is_an_error_and_stays()
    {
        using var file = new SocketFile();
        await using (FileStream locked = new(file.Path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            await RefusedAsync(file.EndPoint);
        }

        Assert.True(File.Exists(file.Path));
    }

    [Fact]
    public async Task Several_listeners_each_with_its_framing_in_the_order_of_the_options()
    {
        using var file = new SocketFile();
        ListenerOptions[] listeners =
        [
            new() { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create() },
            new() { EndPoint = file.EndPoint, Framing = BinaryFraming.Create() },
            new() { EndPoint = new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0), Framing = XmlFraming.RawChunk() },
        ];
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            Array.ForEach(listeners, options.Listeners.Add);
        });

        IReadOnlyList<EndPoint> bound = server.Server.EndPoints;
        Assert.Equal(3, bound.Count);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)bound[0]).Address);
        Assert.Equal(file.Path, bound[1].ToString());
        Assert.Equal(IPAddress.Parse("127.0.0.3"), ((IPEndPoint)bound[2]).Address);
        for (int i = 0; i < 3; i++)
        {
            using PlainClient client = await PlainClient.ConnectAsync(bound[i]);
            byte[] sent = i == 2 ? "<no header/>"u8.ToArray() : Packets.Make(30);
            await client.SendAsync(sent);
            Assert.Equal(sent, await client.ReceiveAsync(sent.Length));
            Assert.Same(listeners[i], (await server.OnlyConnectionAsync()).Listener);
            client.Dispose();
            await server.EmptyAsync();
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]       // more than the backlog at once, and the system itself makes clients wait for seconds
    [InlineData(1, 65_535, 60)]
    [InlineData(200, 1, 1)]
    [InlineData(200, 4096, 60)]
    public async Task Accepts_outstanding_and_backlog_change_nothing_that_a_client_sees(int accepts, int backlog, int atOnce)
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.Listeners.Add(new ListenerOptions
            {
                EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create(), AcceptsOutstanding = accepts, Backlog = backlog,
            });
        });
        for (int round = 0; round < 60 / atOnce; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async i =>
            {
                using PlainClient client = await server.ConnectAsync();
                await client.EchoAsync((uint)i);
            }));
        }

        await server.EmptyAsync();
        Assert.Equal(60, server.Closed.Count);
    }

    private static void SkipWithout(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            Assert.SkipUnless(Socket.OSSupportsIPv6 && System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(nic => nic.GetIPProperties().UnicastAddresses).Any(unicast => unicast.Address.Equals(IPAddress.IPv6Loopback)), "no IPv6 here");
        }
    }

    private async Task RefusedAsync(EndPoint endPoint)
    {
        var refused = await Assert.ThrowsAsync<ListenException>(() => StartAsync(endPoint: endPoint));
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
    }
}
