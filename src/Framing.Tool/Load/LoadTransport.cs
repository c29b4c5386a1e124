using System.Net;
using Framing.Tool.Parsing;

namespace Framing.Tool.Load;

/// <summary>Opens connections, and closes them all at once.</summary>
internal abstract class LoadTransport : IAsyncDisposable
{
    protected static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Opens one connection.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It could not be reached.</exception>
    /// <exception cref="TimeoutException">It could not be reached in time.</exception>
    public abstract Task<LoadConnection> OpenAsync(int index, EndPoint target, EndPoint? source, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    protected static TimeoutException NotReached(EndPoint target) => new($"{EndPointText.Format(target)} was not reached within {DurationText.Format(ConnectTimeout)}");
}
