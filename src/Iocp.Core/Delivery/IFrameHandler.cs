namespace Iocp.Core;

/// <summary>Inline delivery: frames are handed over on the worker that read them, without a copy or a hop.</summary>
public interface IFrameHandler
{
    /// <summary>
    /// Called for each frame, in order, never twice at once for one connection; different connections run in parallel. It must not block:
    /// everything else that this worker serves would wait. Replies sent from here leave together after the last frame of the read.
    /// </summary>
    /// <param name="connection">Where the frame came from; may be kept.</param>
    /// <param name="frame">The frame, valid until this returns.</param>
    /// <remarks>An exception closes this connection, and no other, with <see cref="CloseReason.HandlerFailed"/>.</remarks>
    void OnFrame(Connection connection, Frame frame);
}
