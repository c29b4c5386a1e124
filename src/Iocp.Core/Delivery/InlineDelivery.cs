namespace Iocp.Core;

/// <summary>Frames go to the handler on the worker that read them.</summary>
internal sealed class InlineDelivery(IFrameHandler handler) : FrameDelivery
{
    public override void Deliver(Connection connection, Frame frame)
    {
        try
        {
            handler.OnFrame(connection, frame);
        }
        catch (Exception exception)
        {
            connection.RequestClose(new CloseCause(CloseReason.HandlerFailed, error: exception), CloseMode.Graceful);
        }
    }

    public override void InputEnded(Connection connection) => connection.FinishInput();

    public override void Closed(Connection connection) => connection.Notify();
}
