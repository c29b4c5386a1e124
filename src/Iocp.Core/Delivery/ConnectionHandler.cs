namespace Iocp.Core;

/// <summary>
/// Per-connection delivery: one asynchronous task a connection, started at accept on the thread pool, so a server that speaks first is written with it.
/// When the task ends, the connection is closed gracefully; when it throws, that is logged, and the reason is <see cref="CloseReason.HandlerFailed"/>, unless
/// the connection was ending for another one already (its peer's end is one). A stop does not wait for it; cancelling <c>closed</c> tells it.
/// </summary>
/// <param name="connection">The connection served.</param>
/// <param name="frames">
/// Its frames, in order; can be enumerated once: to take them one by one, keep the enumerator. Ends after the last frame when the peer has finished sending (answers may still be sent then)
/// or when the connection is closed. Dispose each frame. Reading from the peer pauses while
/// <see cref="FrameHostOptions.ReceiveQueueBytesPerConnection"/> wait here.
/// </param>
/// <param name="closed">Cancelled when the connection is closed: by you, a deadline, a stop or an error. Not when the peer has finished sending, which is also the first that is seen of a peer that closes: that ends the frames.</param>
public delegate Task ConnectionHandler(Connection connection, IAsyncEnumerable<ReceivedFrame> frames, CancellationToken closed);
