using System.Net;

namespace Iocp.Core;

/// <summary>Makes connections outward: the same framing, delivery and sending as <see cref="FrameServer"/>, any number of connections on one engine.</summary>
public sealed class FrameClient : FrameHost
{
    /// <summary>Copies and validates the options, and chooses the engine.</summary>
    public FrameClient(FrameClientOptions options) => ArgumentNullException.ThrowIfNull(options);

    /// <summary>Connects.</summary>
    /// <param name="remoteEndPoint">An <see cref="IPEndPoint"/>, a <see cref="DnsEndPoint"/> (each address is tried in turn) or a UNIX domain socket.</param>
    /// <param name="localEndPoint">Where to connect from; null: anywhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody could be reached.</exception>
    /// <exception cref="TimeoutException">Not within <see cref="FrameClientOptions.ConnectTimeout"/>.</exception>
    public Task<Connection> ConnectAsync(EndPoint remoteEndPoint, EndPoint? localEndPoint = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Connects to a host name or address.</summary>
    public Task<Connection> ConnectAsync(string host, int port, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
