using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>Options of our sockets, read back from the system: it is asked for each of our descriptors, so nothing else may run.</summary>
[Collection(Alone.Name)]
public abstract class SocketOptionTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_an_accepted_connection(bool on)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the descriptors of a process are not listed here");
        await using TestServer server = await StartAsync(options => Configure(options, on));
        using PlainClient client = await server.ConnectAsync();
        await server.OnlyConnectionAsync();
        using Socket ours = Find(server.EndPoint, client.Socket.LocalEndPoint!);
        Verify(ours, on);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_connection_made(bool on)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the descriptors of a process are not listed here");
        using var server = new PlainServer();
        await using var client = new TestClient(Tested, configure: options => Configure(options, on));
        Connection connection = await client.Client.ConnectAsync(server.EndPoint).Bounded();
        using PlainClient accepted = await server.AcceptAsync();
        using Socket ours = Find(connection.LocalEndPoint!, server.EndPoint);
        Verify(ours, on);
    }

    [Fact]
    public async Task Of_an_accepted_UNIX_connection()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the descriptors of a process are not listed here");
        using var file = new SocketFile();
        await using TestServer server = await StartAsync(options => Configure(options, on: true), endPoint: file.EndPoint);
        using PlainClient client = await PlainClient.ConnectAsync(file.EndPoint);
        await server.OnlyConnectionAsync();
        using Socket ours = Find(file.EndPoint, client.Socket.LocalEndPoint ?? new UnixDomainSocketEndPoint(""));
        VerifyBufferSizes(ours);
    }

    [Fact]
    public async Task Of_a_listener()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the descriptors of a process are not listed here");
        await using TestServer server = await StartAsync(options => options.Listeners.Add(
            new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create(), Backlog = 37 }));
        using Socket ours = Find(server.EndPoint, null);
        Assert.Equal(37, TcpInformation.Backlog(ours));
    }

    private static void Configure(FrameHostOptions options, bool on)
    {
        options.NoDelay = options.KeepAlive = on;
        options.KeepAliveTime = TimeSpan.FromSeconds(77);
        options.KeepAliveInterval = TimeSpan.FromSeconds(7);
        options.KeepAliveRetryCount = 3;
        options.SendBufferSize = 20_000;
        options.ReceiveBufferSize = 30_000;
    }

    private static void Verify(Socket socket, bool on)
    {
        Assert.Equal(on, socket.NoDelay);
        Assert.Equal(on, Get(SocketOptionLevel.Socket, SocketOptionName.KeepAlive) != 0);
        VerifyBufferSizes(socket);
        if (on)
        {
            Assert.Equal(77, Get(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
            Assert.Equal(7, Get(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
            Assert.Equal(3, Get(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
        }

        int Get(SocketOptionLevel level, SocketOptionName name) => (int)socket.GetSocketOption(level, name)!;
    }

    private static void VerifyBufferSizes(Socket socket) => Assert.Equal((40_000, 60_000), (socket.SendBufferSize, socket.ReceiveBufferSize));    // Linux doubles both for its own needs

    /// <summary>A second descriptor of our end of a connection, or of a listener, which has no other end.</summary>
    private static Socket Find(EndPoint local, EndPoint? remote)
    {
        foreach (string path in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            if (new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) != true)
            {
                continue;
            }

            nint copy = Duplicate(int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture));
            if (copy < 0)
            {
                continue;       // closed meanwhile: another test's, left to its finalizer
            }

            var socket = new Socket(new SafeSocketHandle(copy, ownsHandle: true));
            if (local.Equals(socket.LocalEndPoint) && Equals(remote, RemoteEndPointOf(socket)))
            {
                return socket;
            }

            socket.Dispose();
        }

        throw new InvalidOperationException($"There is no socket from {local} to {remote}.");
    }

    private static EndPoint? RemoteEndPointOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "dup")]
    private static extern nint Duplicate(int descriptor);
}
