using Iocp.Core;

namespace Framing.Tool.Serve;

/// <summary>
/// Sends each frame back from the worker that read it. The result needs no look: one reply a frame never finds the send queue full,
/// and a connection that is closing has nobody left to tell.
/// </summary>
internal sealed class InlineEcho : IFrameHandler
{
    public void OnFrame(Connection connection, Frame frame) => connection.Send(frame.Bytes);
}
