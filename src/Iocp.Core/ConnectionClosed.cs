namespace Iocp.Core;

/// <summary>The one close notification of a connection, accepted or connected.</summary>
/// <param name="Connection">The connection; its counters and <see cref="Connection.State"/> are final.</param>
/// <param name="Reason">The first cause.</param>
/// <param name="Rejection">What the decoder refused, with <see cref="CloseReason.FrameRejected"/>.</param>
/// <param name="Error">The exception behind the reason, where there was one.</param>
public readonly record struct ConnectionClosed(Connection Connection, CloseReason Reason, FrameRejection? Rejection, Exception? Error);
