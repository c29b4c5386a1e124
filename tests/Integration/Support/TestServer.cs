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

    /// <summary>Options for one binary listener on a free port; <paramref name="configure"/> changes them before the server is made.</summary>
    public static async Task<TestServer> StartAsync(EngineKind engine, Action<FrameServerOptions>? configure = null, IFraming? framing = null, EndPoint? endPoint = null)
    {
        var options = new FrameServerOptions { Engine = engine, Workers = engine == EngineKind.Sockets ? null : 2 };
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
        await server.StartAsync();
        return new TestServer(server, closed);
    }

    public Task<PlainClient> ConnectAsync(int? receiveBufferSize = null) => PlainClient.ConnectAsync(EndPoint, receiveBufferSize);

    /// <summary>The close notification of the one connection there was.</summary>
    public async Task<ConnectionClosed> OnlyCloseAsync()
    {
        await Eventually.TrueAsync(() => !Closed.IsEmpty, "a close notification came");
        return Assert.Single(Closed);
    }

    /// <summary>The one connection there is.</summary>
    public async Task<Connection> OnlyConnectionAsync()
    {
        await Eventually.TrueAsync(() => Server.Connections.Any(), "a connection was accepted");
        return Assert.Single(Server.Connections);
    }

    /// <summary>Waits until every connection has left, its notification included.</summary>
    public Task EmptyAsync() => Eventually.EqualAsync(0, () => Server.ConnectionCount, "the number of connections");

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
