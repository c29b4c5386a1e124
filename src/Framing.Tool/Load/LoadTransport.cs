using System.Net;

namespace Framing.Tool.Load;

/// <summary>Opens connections, and closes them all at once.</summary>
internal abstract class LoadTransport : IAsyncDisposable
{
    /// <summary>Opens one connection.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It could not be reached.</exception>
    /// <exception cref="TimeoutException">It could not be reached in time.</exception>
    public abstract Task<LoadConnection> OpenAsync(int index, EndPoint target, EndPoint? source, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
