namespace Iocp.Core;

/// <summary>How <see cref="Connection.Close"/> ends a connection.</summary>
public enum CloseMode
{
    /// <summary>
    /// What is queued is sent, the sending side is shut down, and input is read and discarded until the peer's end
    /// or <see cref="FrameHostOptions.LingerTimeout"/>: closing with unread input would destroy answers already sent.
    /// </summary>
    Graceful,

    /// <summary>What is queued is dropped and the connection is reset.</summary>
    Abortive,
}
