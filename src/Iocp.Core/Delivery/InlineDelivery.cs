using Microsoft.Extensions.Logging;

namespace Iocp.Core;

/// <summary>Frames go to the handler on the worker that read them.</summary>
internal sealed class InlineDelivery(IFrameHandler handler) : FrameDelivery
{
    // So long the worker's other connections may wait before the log says why.
    private const long SlowMilliseconds = 100;

    public override void Deliver(Connection connection, in Frame frame)
    {
        try
        {
            handler.OnFrame(connection, frame);
        }
        catch (Exception exception)
        {
            connection.OnHandlerFailed(exception);
        }
    }

    public override void EndOfRead(Connection connection, long completedAt)
    {
        ILogger logger = connection.Host.Logger;
        if (logger.IsEnabled(LogLevel.Debug) && connection.Host.Now - completedAt is >= SlowMilliseconds and long milliseconds)
        {
            Log.SlowHandler(logger, connection.Id, milliseconds);
        }
    }

    public override void InputEnded(Connection connection) => connection.FinishInput();

    public override void Closed(Connection connection) => connection.Notify();
}
