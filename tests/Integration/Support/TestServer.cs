using System.Collections.Concurrent;
using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>A started server on a free loopback port, which remembers its close notifications.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(FrameServer server, ConcurrentQueue<ConnectionClosed> closed) => (Server, Closed) = (server, closed);

    public FrameServer Server { get; }

    public ConcurrentQueue<ConnectionClosed> Closed { get; }

    public EndPoint EndPoint => Server.EndPoints[0];

    /// <summary>
    /// Options for one binary listener on a free port; <paramref name="configure"/> changes them before the server is made. No client need send a frame: how long a test takes is
    /// no matter of the test's.
    /// </summary>
    public static async Task<TestServer> StartAsync(TestedEngine engine, Action<FrameServerOptions>? configure = null, IFraming? framing = null, EndPoint? endPoint = null)
    {
        var options = new FrameServerOptions { Workers = engine.Kind == EngineKind.Sockets ? null : 2, FirstFrameTimeout = Timeout.InfiniteTimeSpan };
        engine.Configure(options);
        configure?.Invoke(options);
        if (options.Listeners.Count == 0)
        {
            options.Listeners.Add(new ListenerOptions { EndPoint = endPoint ?? new IPEndPoint(IPAddress.Loopback, 0), Framing = framing ?? BinaryFraming.Create() });
        }

        var closed = new ConcurrentQueue<ConnectionClosed>();
        Action<ConnectionClosed>? then = options.Closed;
        options.Closed = notification =>
        {
            closed.Enqueue(notification);
            then?.Invoke(notification);
        };
        var server = new FrameServer(options);
        try
        {
            await server.StartAsync();
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return new TestServer(server, closed);
    }

    public Task<PlainClient> ConnectAsync(int? receiveBufferSize = null) => PlainClient.ConnectAsync(EndPoint, receiveBufferSize);

    /// <summary>A client, and the server's end of its connection.</summary>
    public async Task<(PlainClient Client, Connection Connection)> ConnectBothAsync(int? receiveBufferSize = null)
    {
        PlainClient client = await ConnectAsync(receiveBufferSize);
        EndPoint local = client.Socket.LocalEndPoint!;
        Connection? connection = null;
        await Eventually.TrueAsync(
            () => (connection = Server.Connections.FirstOrDefault(c => !c.IsReleased && local.Equals(c.RemoteEndPoint))) is not null, "the connection was accepted");
        return (client, connection!);
    }

    /// <summary>The close notification of the one connection there was.</summary>
    public async Task<ConnectionClosed> OnlyCloseAsync()
    {
        await Eventually.TrueAsync(() => !Closed.IsEmpty, "a close notification came");
        return Assert.Single(Closed);
    }

    /// <summary>The close notification of that connection, which must be its only one.</summary>
    public async Task<ConnectionClosed> CloseOfAsync(Connection connection)
    {
        await Eventually.TrueAsync(() => Closed.Any(c => c.Connection == connection), $"the close notification of {connection.Id} came");
        return Assert.Single(Closed, c => c.Connection == connection);
    }

    /// <summary>Ends the server; by then every connection that was accepted has been notified exactly once.</summary>
    public async Task<IReadOnlyCollection<ConnectionClosed>> EachClosedOnceAsync()
    {
        await Server.DisposeAsync();
        long accepted = Server.GetStatistics().Accepted;
        await EmptyAsync();
        Assert.Equal(accepted, Closed.Count);
        Assert.Equal(accepted, Closed.Select(c => c.Connection.Id).Distinct().Count());
        return Closed;
    }

    /// <summary>The one connection there is.</summary>
    public async Task<Connection> OnlyConnectionAsync()
    {
        await Eventually.TrueAsync(() => Server.Connections.Any(), "a connection was accepted");
        return Assert.Single(Server.Connections);
    }

    /// <summary>The one connection there is, once its deadline is set.</summary>
    public async Task<Connection> OnlyOnWheelAsync()
    {
        Connection connection = await OnlyConnectionAsync();
        await Eventually.TrueAsync(() => Server.Wheel.Count > 0, "its deadline is set");
        return connection;
    }

    /// <summary>Waits until every connection has left, its notification included.</summary>
    public Task EmptyAsync() => Server.WhenEmptyAsync().Bounded();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
