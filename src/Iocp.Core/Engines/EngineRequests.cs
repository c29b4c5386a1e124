namespace Iocp.Core.Engines;

/// <summary>
/// What may be asked of a connection's engine. Requests are flags, not messages: from any thread, inside or outside a callback, they never
/// block, are idempotent, and only set a bit that the thread acting for the connection sees to. No callback runs nested in a request.
/// </summary>
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
