namespace Iocp.Core;

/// <summary>Each connection has a task of its own on the thread pool, and a queue that the task enumerates.</summary>
internal sealed class ConnectionDelivery(FrameHostOptions options, FrameLeasePool leases) : FrameDelivery
{
    private readonly ConnectionHandler _handler = options.ConnectionHandler!;

    public override void Admit(Connection connection) => connection.Stream = new FrameStream(connection);

    public override void Start(Connection connection)
    {
        FrameStream stream = connection.Stream!;
        try
        {
            PoolWork.Queue(static item => _ = item.Delivery.RunAsync(item.Stream), (Delivery: this, Stream: stream));
        }
        catch
        {
            stream.HandlerEnded();      // it never began: nobody waits for it
            throw;
        }
    }

    public override void Deliver(Connection connection, in Frame frame)
    {
        FrameLease lease = leases.Rent(frame, connection);
        connection.OnFrameLeased(lease.Length);
        connection.Stream!.Add(lease);
    }

    public override void EndOfRead(Connection connection, long completedAt) => connection.Stream!.Signal();

    /// <summary>The enumeration ends after the last frame; the connection is closed when the task does.</summary>
    public override void InputEnded(Connection connection) => connection.Stream!.Complete();

    public override void CloseRequested(Connection connection) => connection.Stream!.CloseRequested();

    public override void Closed(Connection connection) => connection.Stream!.Closed();

    private async Task RunAsync(FrameStream stream)
    {
        Connection connection = stream.Connection;
        try
        {
            Task handling = _handler(connection, stream, stream.ClosedToken) ?? throw new InvalidOperationException("The ConnectionHandler returned null instead of a task.");
            await handling.ConfigureAwait(false);
            if (connection.IsInputEnded)
            {
                connection.FinishInput();
            }
            else
            {
                connection.RequestClose(CloseCause.LocalClosed, CloseMode.Graceful);
            }
        }
        catch (OperationCanceledException) when (stream.ClosedToken.IsCancellationRequested)
        {
            // The connection has closed, and the handler was told so.
        }
        catch (Exception exception)
        {
            connection.OnHandlerFailed(exception);
        }
        finally
        {
            stream.HandlerEnded();
        }
    }
}
