namespace Iocp.Core;

/// <summary>Frames wait in one queue until the application takes them (the article's GetRcvData).</summary>
internal sealed class PullDelivery : FrameDelivery, IReceiveQueueOwner
{
    private readonly FrameLeasePool _leases;
    private bool _saidThatNobodyReceives;

    public PullDelivery(FrameHostOptions options, FrameLeasePool leases)
    {
        _leases = leases;
        Queue = new ReceiveQueue(options.ReceiveQueueFrames, options.ReceiveQueueBytes, this);
    }

    public ReceiveQueue Queue { get; }

    public override void Deliver(Connection connection, in Frame frame)
    {
        FrameLease lease = _leases.Rent(frame, connection);
        connection.OnFrameLeased(lease.Length);
        if (!Queue.TryEnqueue(lease))
        {
            // Closed first: the frame may be admitted, and the gate opened, before WaitInLine returns.
            connection.CloseGate(PauseReasons.ReceiveQueue);
            Queue.WaitInLine(lease);
        }
    }

    public override void EndOfRead(Connection connection, long completedAt)
    {
        Queue.Signal();
        if (connection.IsPaused && !Queue.WasAsked && !Interlocked.Exchange(ref _saidThatNobodyReceives, true))
        {
            Log.NobodyReceives(connection.Host.Logger);     // perhaps a handler was forgotten: peers are held up, and nothing else tells why
        }
    }

    public override void InputEnded(Connection connection)
    {
        if (connection.UndisposedFrames == 0)
        {
            connection.FinishInput();
        }
        else
        {
            connection.LimitDrain();
        }
    }

    public override void FrameDisposed(Connection connection)
    {
        if (connection.IsInputEnded && connection.UndisposedFrames == 0)
        {
            connection.FinishInput();
        }
    }

    public override void Closed(Connection connection)
    {
        if (connection.UntakenBytes == 0)
        {
            connection.Notify();
        }
    }

    public override void Complete() => Queue.Complete();

    public override void Dispose() => Queue.Dispose();

    void IReceiveQueueOwner.Admitted(Connection? connection)
    {
        try
        {
            connection!.OpenGate(PauseReasons.ReceiveQueue);
        }
        catch (OutOfMemoryException exception)
        {
            connection!.TryFail(exception);     // whoever took a frame is about another connection's business
        }
    }

    bool IReceiveQueueOwner.Taken(FrameLease lease)
    {
        Connection connection = lease.Connection!;
        bool last = connection.OnFrameTaken(lease.Length);
        bool wanted = !connection.DropsFrames;
        if (!wanted)
        {
            lease.Release();
        }

        // Asked again when no frame can come any more: meanwhile the reader may have brought one, and whoever takes that notifies.
        if (last && connection.IsReleased && connection.UntakenBytes == 0)
        {
            connection.Notify();
        }

        return wanted;
    }
}
