namespace Iocp.Core;

// The frames that the application has as leases, or may have: how much of the connection's share of bytes they take.
public abstract partial class Connection
{
    // What a frame takes at least, with the lease that holds it: so frames of few bytes are bounded too, those of none included. Counted in blocks, since the
    // bytes of a share and of a frame beyond it may be more than an int holds.
    private const int BlockSize = 128;

    private int _untakenBlocks;
    private int _undisposedFrames;

    /// <summary>The frames on their way to the connection's own handler; null in the other deliveries.</summary>
    internal FrameStream? Stream { get; set; }

    /// <summary>Bytes of frames that wait to be taken, in full blocks.</summary>
    internal long UntakenBytes => Bytes(Volatile.Read(in _untakenBlocks));

    /// <summary>Frames that wait to be taken, or whose bytes the application may still read.</summary>
    internal int UndisposedFrames => Volatile.Read(in _undisposedFrames);

    private int ReceiveShare => Host.Options.ReceiveQueueBytesPerConnection;

    /// <summary>A frame was copied into a lease that waits to be taken.</summary>
    internal void OnFrameLeased(int length)
    {
        Interlocked.Increment(ref _undisposedFrames);
        if (Bytes(Interlocked.Add(ref _untakenBlocks, Blocks(length))) >= ReceiveShare)
        {
            CloseGate(PauseReasons.ReceiveShare);
            // Whoever takes frames opens the gate when they sink to half; if that happened before the gate was closed, it is undone here.
            OpenGateIfShareAllows();
        }
    }

    /// <summary>A lease was taken by the application, or dropped. True: it was the last one untaken.</summary>
    internal bool OnFrameTaken(int length)
    {
        int left = Interlocked.Add(ref _untakenBlocks, -Blocks(length));
        OpenGateIfShareAllows();
        return left == 0;
    }

    internal void OnFrameDisposed()
    {
        Interlocked.Decrement(ref _undisposedFrames);
        Host.Delivery.FrameDisposed(this);
    }

    private static int Blocks(int length) => length == 0 ? 1 : (int)(((uint)length + BlockSize - 1) / BlockSize);

    private static long Bytes(int blocks) => (long)blocks * BlockSize;

    // Whoever saw it sunk to half may be late: it may be full again when the gate has been opened.
    private void OpenGateIfShareAllows()
    {
        while (UntakenBytes <= ReceiveShare / 2)
        {
            OpenGate(PauseReasons.ReceiveShare);
            if (UntakenBytes < ReceiveShare)
            {
                return;
            }

            CloseGate(PauseReasons.ReceiveShare);
        }
    }
}
