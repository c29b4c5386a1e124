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
    /// <remarks>
    /// <para>An exception is logged, and closes this connection, and no other, with <see cref="CloseReason.HandlerFailed"/>, or with the
    /// reason that its end has already, if it was ending.</para>
    /// <para>When the peer has finished sending, the connection closes as soon as its last frame was handled and what is queued has left. Answers that are made later, on
    /// another thread, come too late for a peer that half-closes: pull or a <see cref="ConnectionHandler"/> waits for them.</para>
    /// <para>One answer a frame finds room if nobody else sends on the connection, since a server delivers no frame while the send queue is full. Whoever sends more, or from elsewhere too, or
    /// from a <see cref="FrameClient"/>, looks at the status: with <see cref="SendStatus.QueueFull"/> the rest may be copied and left to <see cref="Connection.SendAsync"/>, which keeps its order.</para>
    /// </remarks>
    void OnFrame(Connection connection, Frame frame);
}
