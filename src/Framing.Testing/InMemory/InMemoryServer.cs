using Iocp.Core;

namespace Framing.Testing;

/// <summary>
/// A <see cref="FrameServer"/> without sockets, for tests of handlers: everything but the network is the real one. Peers are made by
/// <see cref="ConnectAsync"/>. Every member may be used from any thread.
/// </summary>
/// <remarks>
/// One worker does what the engine does, connection after connection in the order in which something happened to them, so inline handlers run one at a time, and in that order.
/// Deadlines run on the options' <see cref="FrameHostOptions.TimeProvider"/>; with a fake one, time passes when the test says so.
/// </remarks>
public sealed class InMemoryServer : IAsyncDisposable
{
    private readonly InMemoryEngine _engine;

    private InMemoryServer(FrameServer server, InMemoryEngine engine)
    {
        Server = server;
        _engine = engine;
    }

    /// <summary>The server: receive from it, send by it, ask it for connections and statistics.</summary>
    public FrameServer Server { get; }

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="options">
    /// As for any server; copied. Its listeners' end points are names only: nothing is bound. What is about engines and sockets does not apply.
    /// </param>
    /// <param name="cancellationToken">Checked before the start.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static async Task<InMemoryServer> StartAsync(FrameServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        FrameServerOptions copy = options.Copy();
        InMemoryEngine? engine = null;
        Action<ConnectionClosed>? closed = options.Closed;
        copy.Engine = EngineKind.Sockets;       // no other is asked for; it is not made either
        copy.Workers = null;                    // what does not apply to it is not complained of
        copy.SpinTime = TimeSpan.Zero;
        copy.DirectDescriptors = false;
        copy.EngineFactory = host => engine = new InMemoryEngine(host);
        copy.Closed = notification =>
        {
            try
            {
                closed?.Invoke(notification);
            }
            finally
            {
                (notification.Connection as InMemoryConnection)?.Peer.Notified(notification);
            }
        };
        FrameServer server = new(copy);
        await server.StartAsync(cancellationToken).ConfigureAwait(false);
        return new InMemoryServer(server, engine!);
    }

    /// <summary>A peer connects; completes when the server has accepted it, so it waits while MaxConnections are there.</summary>
    /// <param name="listener">Index of the listener in the options.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such listener.</exception>
    /// <exception cref="IOException">The server stopped before it accepted.</exception>
    /// <exception cref="Exception">Whatever the framing's CreateDecoder threw, or the options' clock: this peer is not accepted.</exception>
    public Task<InMemoryPeer> ConnectAsync(int listener = 0, CancellationToken cancellationToken = default) => _engine.AcceptAsync(listener, cancellationToken);

    /// <summary>
    /// Stops and disposes the server. At once, by resetting whoever is still there: a graceful stop takes time, which may be the test's to move; for that there is
    /// <see cref="FrameHost.StopAsync"/> of <see cref="Server"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await Server.DisposeAsync().ConfigureAwait(false);
    }
}
