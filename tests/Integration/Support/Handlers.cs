using Iocp.Core;

namespace Framing.Integration;

/// <summary>Sends every frame back.</summary>
internal sealed class EchoHandler : IFrameHandler
{
    public void OnFrame(Connection connection, Frame frame) => connection.Send(frame.Bytes);
}

/// <summary>Inline delivery to a delegate.</summary>
internal sealed class DelegateHandler(DelegateHandler.OnFrameDelegate onFrame) : IFrameHandler
{
    public delegate void OnFrameDelegate(Connection connection, Frame frame);

    public void OnFrame(Connection connection, Frame frame) => onFrame(connection, frame);
}
