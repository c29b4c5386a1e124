namespace Iocp.Core;

/// <summary>How a host hands frames over. Called by the connections, on the engine's threads.</summary>
internal abstract class FrameDelivery
{
    /// <summary>A connection is about to be seen by everybody: makes what this delivery keeps for it.</summary>
    public virtual void Admit(Connection connection)
    {
    }

    /// <summary>The connection was admitted; it reads nothing before this returns.</summary>
    public virtual void Start(Connection connection)
    {
    }

    /// <summary>Hands one frame over; closes the connection's gate when it can take no more after this one.</summary>
    /// <remarks>By reference: a copy of what has just been written in smaller pieces makes the processor wait.</remarks>
    public abstract void Deliver(Connection connection, in Frame frame);

    /// <summary>The last frame of a read was delivered.</summary>
    /// <param name="connection">Whose read it was.</param>
    /// <param name="completedAt">When the read completed, in milliseconds on the host's clock.</param>
    public virtual void EndOfRead(Connection connection, long completedAt)
    {
    }

    /// <summary>No further frame will come; calls <see cref="Connection.FinishInput"/> once the application is done with those before.</summary>
    public abstract void InputEnded(Connection connection);

    /// <summary>A close was requested: nothing more may be delivered.</summary>
    public virtual void CloseRequested(Connection connection)
    {
    }

    /// <summary>A frame that was handed over as a lease was disposed.</summary>
    public virtual void FrameDisposed(Connection connection)
    {
    }

    /// <summary>The connection has closed; calls <see cref="Connection.Notify"/> after its last frame was taken.</summary>
    public abstract void Closed(Connection connection);

    /// <summary>No connection is left, and none will come.</summary>
    public virtual void Complete()
    {
    }

    /// <summary>Drops what is undelivered and refuses consumers.</summary>
    public virtual void Dispose()
    {
    }
}
