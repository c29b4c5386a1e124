using System.Net;

namespace Iocp.Core.Engines;

/// <summary>
/// Completes operations: owns listeners, workers, receive buffers and every outstanding operation; knows no frames.
/// <para>For each connection it calls, on its own threads and never two at once: <see cref="FrameHost.Accepted"/>, then
/// <see cref="Connection.OnReceived"/> and <see cref="Connection.OnResumed"/> any number of times, and once, after the last operation of
/// the connection has left the kernel and its handle is released, <see cref="Connection.OnClosed"/>. <see cref="Connection.OnSent"/> and
/// <see cref="Connection.OnSendFailed"/> may run beside them, also on a thread that requested something, inside its request. Different connections run in parallel.</para>
/// <para>Synchronous completions are a loop, never recursion; a connection that never stops talking yields after a bounded number of reads.
/// A shortage that the system reports means "later" for reads, sends and accepts, and closes nobody; where our own memory ends, it costs the connection that
/// needed it (<see cref="CloseReason.ResourceExhausted"/>).</para>
/// </summary>
internal interface IEngine
{
    /// <summary>What is outstanding: connections, connects, and whatever else keeps the engine from being done; 0 after stop.</summary>
    int Operations { get; }

    /// <summary>Binds and listens; connections wait in the backlog until <see cref="IEngineListener.StartAccepting"/>.</summary>
    /// <param name="origin">Of a listener.</param>
    /// <exception cref="System.Net.Sockets.SocketException">It cannot be bound.</exception>
    IEngineListener Listen(ConnectionOrigin origin);

    /// <summary>Connects; the connection is admitted and reads when this completes.</summary>
    /// <param name="origin">Of a client.</param>
    /// <param name="remoteEndPoint">Where to: no name.</param>
    /// <param name="localEndPoint">Where from; null: the system chooses.</param>
    /// <param name="cancellationToken">Cancelled when the caller has given up, and before <see cref="StopAsync"/> is called.</param>
    Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken);

    /// <summary>There is room again after <see cref="FrameHost.Accepted"/> said that there is none.</summary>
    void ResumeAccepting();

    /// <summary>
    /// Called when every connection was told to close (one that is admitted later is told so then): ends listeners, waits for every connection, every connect (its token is cancelled) and every other outstanding operation, ends the
    /// workers, and gives all buffers back.
    /// </summary>
    Task StopAsync();
}

/// <summary>A bound listener of an engine.</summary>
internal interface IEngineListener
{
    /// <summary>Where it is bound, port 0 resolved.</summary>
    EndPoint EndPoint { get; }

    void StartAccepting();

    /// <summary>Stops accepting and releases the port; connections in the backlog are reset. Idempotent.</summary>
    Task CloseAsync();
}
