using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines;

/// <summary>A listening socket of the system.</summary>
internal abstract class EngineListener : IEngineListener, IDisposable
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="SocketException">It cannot be bound.</exception>
    protected EngineListener(Engine engine, ListenerOptions options, ConnectionOrigin origin)
    {
        Engine = engine;
        Options = options;
        Origin = origin;
        Socket = SocketSettings.Listen(options, engine.Host.Options);
        EndPoint = Socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    protected Engine Engine { get; }

    protected ListenerOptions Options { get; }

    protected ConnectionOrigin Origin { get; }

    protected Socket Socket { get; }

    protected Task Closed => _closed.Task;

    public abstract void StartAccepting();

    /// <summary>There is room for a connection again.</summary>
    public abstract void ResumeAccepting();

    public abstract Task CloseAsync();

    public void Dispose() => Socket.Dispose();

    /// <summary>Asks the host for room. A connection for which memory ends is given up: that is logged, and costs nobody else anything.</summary>
    protected Admission Admit(EngineConnection connection)
    {
        try
        {
            return Engine.Host.Accepted(connection) ? Admission.Admitted : Admission.NoRoom;
        }
        catch (OutOfMemoryException exception)
        {
            connection.Discard();
            Log.ConnectionNotMade(Engine.Host.Logger, exception, EndPoint);
            return Admission.GivenUp;
        }
    }

    /// <summary>Nothing is outstanding any more, and the socket is released.</summary>
    protected void SetClosed()
    {
        Engine.Remove(this);
        _closed.TrySetResult();
    }
}
