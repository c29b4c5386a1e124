namespace Iocp.Core;

/// <summary>
/// One way of finding frames in a byte stream, chosen for each listener when the server starts.
/// An instance is shared by every connection of its listener and must be safe to use from any thread.
/// </summary>
public interface IFraming
{
    /// <summary>Short name for logs and tools, for example <c>binary</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Length of the longest legal frame in bytes, all that is consumed for it (header, delimiter, what was absorbed) included, delivered or not; at least 1. The core
    /// enforces it: a decoder that asks for, absorbs, consumes or assembles more for one frame closes its connection with <see cref="CloseReason.DecoderFailed"/>. What is skipped does not count.
    /// </summary>
    int MaxFrameLength { get; }

    /// <summary>
    /// Called once for each connection, on the thread that accepts or connects it; must not block. When it throws, an accepted connection is dropped and the
    /// exception logged; a connect throws it. A decoder that keeps no state may be shared:
    /// return the same instance. A decoder that implements <see cref="IDisposable"/> is disposed when its connection has closed,
    /// so a shared one must not implement it.
    /// </summary>
    IFrameDecoder CreateDecoder();

    /// <summary>
    /// Judges bytes that the application is about to send. Called on the sender's thread, from several threads at once; keeps no state. What it throws, the send throws.
    /// </summary>
    /// <param name="data">All bytes of one send; valid during the call.</param>
    /// <returns>Null when they may be sent; otherwise what is wrong, and nothing is sent.</returns>
    FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data);
}
