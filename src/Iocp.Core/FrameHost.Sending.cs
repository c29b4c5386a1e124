namespace Iocp.Core;

// Sends by a connection's id, and what is told of those that a framing refuses.
public abstract partial class FrameHost
{
    private OnceAMinute _refusedLog;    // on the host's clock

    /// <summary>Sends on the connection of that id; a stale id says <see cref="SendStatus.Closed"/> and reaches nobody.</summary>
    /// <param name="connection">The connection's id.</param>
    /// <param name="data">As for <see cref="Connection.Send(ReadOnlySpan{byte})"/>.</param>
    /// <inheritdoc cref="Connection.Send(ReadOnlySpan{byte})"/>
    public SendResult Send(ConnectionId connection, ReadOnlySpan<byte> data)
        => TryGetConnection(connection, out Connection? found) ? found.Send(data) : new SendResult(SendStatus.Closed);

    /// <summary>As <see cref="Send"/>, but waits for room.</summary>
    /// <inheritdoc cref="Connection.SendAsync"/>
    public ValueTask<SendResult> SendAsync(ConnectionId connection, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        => TryGetConnection(connection, out Connection? found)
            ? found.SendAsync(data, cancellationToken)
            : ValueTask.FromResult(new SendResult(SendStatus.Closed));

    /// <summary>The framing refused to send something. The caller was told, but many callers do not look.</summary>
    internal void OnSendRefused(Connection connection, FrameRejection rejection)
    {
        Counters.AddSendRefused();
        if (_refusedLog.TryPass(Now))
        {
            Log.SendRefused(Logger, connection.Id, rejection);
        }
    }
}
