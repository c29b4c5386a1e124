namespace Iocp.Core;

/// <summary>Why a connection ends. The first one set on a connection stays.</summary>
internal sealed class CloseCause(CloseReason reason, FrameRejection? rejection = null, Exception? error = null)
{
    public static readonly CloseCause RemoteClosed = new(CloseReason.RemoteClosed);
    public static readonly CloseCause TruncatedFrame = new(CloseReason.TruncatedFrame);
    public static readonly CloseCause FirstFrameTimeout = new(CloseReason.FirstFrameTimeout);
    public static readonly CloseCause FrameTimeout = new(CloseReason.FrameTimeout);
    public static readonly CloseCause IdleTimeout = new(CloseReason.IdleTimeout);
    public static readonly CloseCause SendTimeout = new(CloseReason.SendTimeout);
    public static readonly CloseCause LocalClosed = new(CloseReason.LocalClosed);
    public static readonly CloseCause ServerStopping = new(CloseReason.ServerStopping);

    public CloseReason Reason { get; } = reason;

    public FrameRejection? Rejection { get; } = rejection;

    public Exception? Error { get; } = error;
}
