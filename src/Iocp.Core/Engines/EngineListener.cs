using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Iocp.Core.Engines;

/// <summary>A listening socket of the system.</summary>
internal abstract class EngineListener : IEngineListener
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OnceAMinute _warnings;      // on the system's clock, as the pauses

    protected EngineListener(Engine engine, Socket socket, ConnectionOrigin origin)
    {
        Engine = engine;
        Origin = origin;
        Socket = socket;
        EndPoint = socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    public Engine Engine { get; }

    public ConnectionOrigin Origin { get; }

    public ListenerOptions Options => Origin.Listener!;

    public Socket Socket { get; }

    protected Task Closed => _closed.Task;

    public abstract void StartAccepting();

    /// <summary>There is room for a connection again.</summary>
    public abstract void ResumeAccepting();

    public abstract Task CloseAsync();

    /// <summary>Asks the host for room; a connection that need not wait for it is to be released.</summary>
    protected Admission Admit(EngineConnection connection)
    {
        try
        {
            return Engine.Host.Accepted(connection) ? Admission.Admitted : Admission.NoRoom;
        }
        catch (Exception exception)
        {
            Log.ConnectionNotMade(Engine.Host.Logger, exception, EndPoint);
            return Admission.GivenUp;
        }
    }

    /// <summary>A connection is no longer the listener's: it begins, or ends at once. Under no lock, for that runs the user's code.</summary>
    protected void Release(EngineConnection connection, Admission admission)
    {
        if (admission == Admission.Admitted)
        {
            connection.Begin();
            return;
        }

        connection.Discard();
        Engine.ResumeAccepting();       // its place may have been refused to another listener's meanwhile
    }

    /// <summary>Says that accepting pauses: a warning once a minute, for at its limit a process may pause for hours.</summary>
    protected void LogBackOff(SocketError error, TimeSpan pause)
    {
        LogLevel level = _warnings.TryPass(Environment.TickCount64) ? LogLevel.Warning : LogLevel.Debug;
        Log.AcceptBackOff(Engine.Host.Logger, level, EndPoint, error, (long)pause.TotalMilliseconds);
    }

    /// <summary>Nothing is outstanding any more, and the socket is released.</summary>
    protected void SetClosed()
    {
        Engine.Remove(this);
        _closed.TrySetResult();
    }
}
