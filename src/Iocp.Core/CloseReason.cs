namespace Iocp.Core;

/// <summary>Why a connection ended. There is one reason for each connection: the first cause wins.</summary>
public enum CloseReason
{
    /// <summary>The connection is not closed.</summary>
    None,

    /// <summary>The peer finished sending, between frames.</summary>
    RemoteClosed,

    /// <summary>The peer reset the connection.</summary>
    RemoteReset,

    /// <summary>The decoder refused the stream; <see cref="ConnectionClosed.Rejection"/> says what was wrong.</summary>
    FrameRejected,

    /// <summary>The peer finished sending inside a frame; the partial frame was not delivered.</summary>
    TruncatedFrame,

    /// <summary>No complete frame came within <see cref="FrameHostOptions.FirstFrameTimeout"/> after accept, or after a pause ended.</summary>
    FirstFrameTimeout,

    /// <summary>A frame was not whole within <see cref="FrameHostOptions.FrameTimeout"/> after its first byte.</summary>
    FrameTimeout,

    /// <summary>No byte came for <see cref="FrameHostOptions.IdleTimeout"/>.</summary>
    IdleTimeout,

    /// <summary>The peer took no byte for <see cref="FrameHostOptions.SendTimeout"/> while something was queued for it.</summary>
    SendTimeout,

    /// <summary><see cref="Connection.Close"/> was called, or the connection's handler task ended before its peer had finished.</summary>
    LocalClosed,

    /// <summary>The server or client stopped.</summary>
    ServerStopping,

    /// <summary>The application's handler threw; <see cref="ConnectionClosed.Error"/> is what it threw.</summary>
    HandlerFailed,

    /// <summary>The decoder threw or broke its contract; <see cref="ConnectionClosed.Error"/> says how.</summary>
    DecoderFailed,

    /// <summary>Receiving failed for another reason than a reset; see <see cref="ConnectionClosed.Error"/>.</summary>
    ReceiveFailed,

    /// <summary>Sending failed for another reason than a reset; see <see cref="ConnectionClosed.Error"/>.</summary>
    SendFailed,

    /// <summary>Memory or another resource of the process ran out while serving the connection.</summary>
    ResourceExhausted,
}
