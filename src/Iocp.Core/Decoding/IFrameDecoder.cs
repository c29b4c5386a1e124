namespace Iocp.Core;

/// <summary>
/// Finds frames in one connection's stream. Called by one thread at a time, on a worker: it must not block, throw, or
/// allocate for a frame. Implement <see cref="IDisposable"/> to be disposed when the connection has closed.
/// </summary>
/// <remarks>
/// The same stream gives the same results however the network cuts it. A decoder may remember how far it has looked:
/// after <see cref="DecodeResult.NeedMore"/> the next call begins with the same bytes, and more behind them.
/// </remarks>
public interface IFrameDecoder
{
    /// <summary>Looks at the bytes not yet consumed and says what is at their beginning.</summary>
    /// <param name="unread">
    /// Contiguous, never empty, begins at the first byte that no earlier result has consumed; valid during the call.
    /// It may hold many frames: only the first is asked for.
    /// </param>
    /// <returns>What was found; never <c>default</c>.</returns>
    DecodeResult Decode(ReadOnlySpan<byte> unread);

    /// <summary>
    /// The frame that the last <see cref="Decode"/> announced with <see cref="DecodeResult.FrameAssembled"/>. Read once, before
    /// the next call to <see cref="Decode"/>; valid until then.
    /// </summary>
    ReadOnlySpan<byte> Assembled => default;

    /// <summary>
    /// The frame in <see cref="Assembled"/> was delivered: called once after it, before the next <see cref="Decode"/> and before the connection waits for
    /// more bytes, so that an idle connection need not hold its last frame. Must not throw. Does nothing by default.
    /// </summary>
    void ReleaseAssembled()
    {
    }
}
