namespace Iocp.Core.Engines;

/// <summary>
/// What may be asked of a connection's engine, from any thread, inside or outside a callback; it never blocks. <see cref="Send"/> comes only from whoever
/// claimed the send queue, <see cref="Resume"/> only from whoever reopened the gate of a reader that had stopped: neither comes again before it was seen to.
/// <see cref="Close"/> may.
/// </summary>
/// <remarks>
/// An engine with workers only sets a bit, which the connection's worker sees to. A completion engine may send on the thread that asks: so
/// <see cref="Connection.OnSent"/>, <see cref="Connection.OnSendFailed"/> and <see cref="Connection.OnFailed"/> may run nested in a request.
/// <see cref="Connection.OnReceived"/>, <see cref="Connection.OnResumed"/> and <see cref="Connection.OnClosed"/> never do.
/// </remarks>
[Flags]
internal enum EngineRequests
{
    None = 0,

    /// <summary>The send queue was claimed: gather, send and report until it is empty.</summary>
    Send = 1,

    /// <summary>The reader had stopped: call <see cref="Connection.OnResumed"/>, and go on reading if that says so. (A pause is not requested: the engine asks <see cref="Connection.MayRead"/> before each read.)</summary>
    Resume = 2,

    /// <summary>Everything queued was sent: shut the sending side down.</summary>
    HalfClose = 4,

    /// <summary>Cancel what is outstanding, release the handle, and call <see cref="Connection.OnClosed"/> when the last operation has left the kernel.</summary>
    Close = 8,

    /// <summary>With <see cref="Close"/>: reset instead of finishing.</summary>
    Abort = 16,
}
