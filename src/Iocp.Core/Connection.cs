using System.Net;

namespace Iocp.Core;

/// <summary>
/// One connection. Every member may be used from any thread, inside or outside a callback, also after the connection has closed.
/// A connection object is never used again for another peer.
/// </summary>
public abstract class Connection
{
    private protected Connection() { }

    /// <summary>Names this connection for ever.</summary>
    public ConnectionId Id { get; internal set; }

    /// <summary>The peer's address, made on request; null for an unnamed UNIX socket.</summary>
    public EndPoint? RemoteEndPoint => throw new NotImplementedException();

    /// <summary>Our address, made on request; null once it can no longer be asked for.</summary>
    public EndPoint? LocalEndPoint => throw new NotImplementedException();

    /// <summary>The listener that accepted it; null for a connection that a <see cref="FrameClient"/> made.</summary>
    public ListenerOptions? Listener => throw new NotImplementedException();

    /// <summary>When it was accepted or connected, by the options' <see cref="TimeProvider"/>.</summary>
    public DateTimeOffset AcceptedAt => throw new NotImplementedException();

    /// <summary>Bytes received.</summary>
    public long BytesReceived => 0;

    /// <summary>Frames delivered.</summary>
    public long FramesReceived => 0;

    /// <summary>Bytes that the system has taken for sending.</summary>
    public long BytesSent => 0;

    /// <summary>Sends queued; one send may hold several frames.</summary>
    public long FramesSent => 0;

    /// <summary>Bytes queued and not yet taken by the system.</summary>
    public int BytesQueued => 0;

    /// <summary>Why it ended or is about to end; <see cref="CloseReason.None"/> while it is open.</summary>
    public CloseReason CloseReason => CloseReason.None;

    /// <summary>A slot for the application's own state.</summary>
    public object? State { get; set; }

    /// <summary>Queues bytes to send. They are copied before this returns and leave in the order of the calls, never interleaved with another send.</summary>
    public SendResult Send(ReadOnlySpan<byte> data) => default;

    /// <inheritdoc cref="Send(ReadOnlySpan{byte})"/>
    public SendResult Send(ReadOnlyMemory<byte> data) => Send(data.Span);

    /// <summary>
    /// As <see cref="Send(ReadOnlySpan{byte})"/>, but waits for room instead of saying <see cref="SendStatus.QueueFull"/>. Waiting sends are served first in, first out.
    /// </summary>
    /// <param name="data">Must not change before the task completes.</param>
    /// <param name="cancellationToken">Gives up waiting; nothing was queued then.</param>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) => default;

    /// <summary>Stops delivering: at once when called from <see cref="IFrameHandler.OnFrame"/>, otherwise after the frame in hand. What was already read is kept.</summary>
    public void PauseReceiving() { }

    /// <summary>Undoes <see cref="PauseReceiving"/>, however often that was called.</summary>
    public void ResumeReceiving() { }

    /// <summary>Closes. Frames not yet delivered are dropped. Does nothing when the connection is closing already, but an abortive close cuts a graceful one short.</summary>
    public void Close(CloseMode mode = CloseMode.Graceful) { }
}
