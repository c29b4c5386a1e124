namespace Iocp.Core;

/// <summary>The frames of one connection that the application has as leases, or may have: how much of its share they take. Made with the first of them.</summary>
/// <param name="connection">The connection.</param>
/// <param name="share">Bytes not yet taken at which reading from the connection pauses; it goes on at half of that.</param>
internal class LeasedFrames(Connection connection, int share)
{
    private int _untakenBytes;
    private int _untaken;
    private int _undisposed;

    public Connection Connection { get; } = connection;

    /// <summary>Bytes of frames that wait to be taken.</summary>
    public int UntakenBytes => Volatile.Read(ref _untakenBytes);

    /// <summary>Frames that wait to be taken.</summary>
    public int Untaken => Volatile.Read(ref _untaken);

    public int Undisposed => Volatile.Read(ref _undisposed);

    /// <summary>A frame was copied into a lease that waits to be taken.</summary>
    public void OnLeased(int length)
    {
        Interlocked.Increment(ref _undisposed);
        Interlocked.Increment(ref _untaken);
        if (Interlocked.Add(ref _untakenBytes, Counted(length)) >= share)
        {
            Connection.CloseGate(PauseReasons.ReceiveShare);
            // Whoever takes frames opens the gate when they sink to half; if that happened before the gate was closed, it is undone here.
            OpenGateIfShareAllows();
        }
    }

    /// <summary>A lease was taken by the application, or dropped. True: it was the last one untaken.</summary>
    public bool OnTaken(int length)
    {
        Interlocked.Add(ref _untakenBytes, -Counted(length));
        OpenGateIfShareAllows();
        return Interlocked.Decrement(ref _untaken) == 0;
    }

    public void OnDisposed()
    {
        Interlocked.Decrement(ref _undisposed);
        Connection.Host.Delivery.FrameDisposed(Connection);
    }

    // An empty frame counts as a byte: otherwise any number of them could wait.
    private static int Counted(int length) => Math.Max(length, 1);

    private void OpenGateIfShareAllows()
    {
        if (UntakenBytes <= share / 2)
        {
            Connection.OpenGate(PauseReasons.ReceiveShare);
        }
    }
}
