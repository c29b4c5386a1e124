using System.Net.Sockets;

namespace Iocp.Core.Engines;

/// <summary>A connection of the system's sockets, which its engine owes an end.</summary>
internal abstract class EngineConnection : Connection
{
    // Counted after what may fail: initializers of what is derived from this have run, and its constructors do nothing that can.
    protected EngineConnection(ConnectionOrigin origin)
        : base(origin) => Engine.AddOperation();

    protected Engine Engine => (Engine)Host.ActiveEngine;

    /// <summary>Begins to read; called once, after the connection was admitted, by whoever accepted or made it.</summary>
    /// <exception cref="OutOfMemoryException">There is none for it. The connection has an end all the same, and that is told.</exception>
    public void Begin()
    {
        try
        {
            Start();
        }
        catch (OutOfMemoryException exception)
        {
            OnFailed(exception);
            throw;
        }
    }

    /// <summary>Begins to read.</summary>
    protected abstract void Start();

    /// <summary>Gives up a connection that was never admitted.</summary>
    public void Discard()
    {
        ReleaseSocket(abort: false);
        ReleaseDecoder();
        Engine.RemoveOperation();
    }

    /// <summary>Closes the socket, with a reset if <paramref name="abort"/>.</summary>
    protected abstract void ReleaseSocket(bool abort);

    /// <summary>A read failed for good.</summary>
    protected void ReceiveFailed(SocketError error) => OnReceiveFailed(new SocketException((int)error), SocketFailures.IsReset(error));

    /// <summary>A send failed for good.</summary>
    protected void SendFailed(SocketError error) => OnSendFailed(new SocketException((int)error), SocketFailures.IsReset(error));

    /// <summary>The end: nothing of the connection is outstanding, and its socket is released.</summary>
    protected void Finish()
    {
        try
        {
            OnClosed();
        }
        finally
        {
            Engine.RemoveOperation();       // a stop waits for that
        }
    }
}
