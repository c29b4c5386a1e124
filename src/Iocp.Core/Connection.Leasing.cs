namespace Iocp.Core;

// The frames that the application has as leases, or may have: how much of the connection's share of bytes they take.
public abstract partial class Connection
{
    private int _untakenBytes;
    private int _undisposedFrames;

    /// <summary>The frames on their way to the connection's own handler; null in the other deliveries.</summary>
    internal FrameStream? Stream { get; set; }

    /// <summary>Bytes of frames that wait to be taken. An empty frame counts as a byte: otherwise any number of them could wait.</summary>
    internal int UntakenBytes => Volatile.Read(in _untakenBytes);

    /// <summary>Frames that wait to be taken, or whose bytes the application may still read.</summary>
    internal int UndisposedFrames => Volatile.Read(in _undisposedFrames);

    private int ReceiveShare => Host.Options.ReceiveQueueBytesPerConnection;

    /// <summary>A frame was copied into a lease that waits to be taken.</summary>
    internal void OnFrameLeased(int length)
    {
        Interlocked.Increment(ref _undisposedFrames);
        if (Interlocked.Add(ref _untakenBytes, Counted(length)) >= ReceiveShare)
        {
            CloseGate(PauseReasons.ReceiveShare);
            // Whoever takes frames opens the gate when they sink to half; if that happened before the gate was closed, it is undone here.
            OpenGateIfShareAllows();
        }
    }

    /// <summary>A lease was taken by the application, or dropped. True: it was the last one untaken.</summary>
    internal bool OnFrameTaken(int length)
    {
        int left = Interlocked.Add(ref _untakenBytes, -Counted(length));
        OpenGateIfShareAllows();
        return left == 0;
    }

    internal void OnFrameDisposed()
    {
        Interlocked.Decrement(ref _undisposedFrames);
        Host.Delivery.FrameDisposed(this);
    }

    private static int Counted(int length) => Math.Max(length, 1);

    private void OpenGateIfShareAllows()
    {
        if (UntakenBytes <= ReceiveShare / 2)
        {
            OpenGate(PauseReasons.ReceiveShare);
        }
    }
}
