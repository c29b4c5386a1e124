using Iocp.Core.Engines;

namespace Iocp.Core;

// From the engine's accept or connect to a connection that has its place, and the place given back.
public abstract partial class FrameHost
{
    private int _full;              // 1: the engine was told that there is no room, and not yet that there is again
    private OnceAMinute _fullLog;   // on the host's clock

    /// <summary>
    /// The engine accepted or made a connection. True: it was admitted, and <see cref="Connection.OnClosed"/> is owed. False: there is no room; the engine
    /// holds it, accepts no more, and tries again at <see cref="IEngine.ResumeAccepting"/>.
    /// </summary>
    /// <exception cref="OutOfMemoryException">There is none for it. It was not admitted; the engine gives it up.</exception>
    internal bool Accepted(Connection connection)
    {
        try
        {
            if (!TryReserve(out ConnectionId id))
            {
                return false;
            }

            connection.Admit(id);
            Delivery.Admit(connection);
        }
        catch
        {
            // No memory for its place or its queue: the place is another's.
            if (connection.Id != default)
            {
                _table.Release(connection.Id);
                SignalIfEmpty();
            }

            throw;
        }

        Counters.AddAccepted();
        _table.Publish(connection.Id, connection);
        try
        {
            Begin(connection);
        }
        catch (Exception exception)
        {
            FailAdmitted(connection, exception);
        }

        return true;
    }

    // Admitted it is: its end is a close like any other.
    private static void FailAdmitted(Connection connection, Exception reason)
    {
        try
        {
            connection.OnFailed(reason);
        }
        catch (OutOfMemoryException)
        {
            // Not even for that: its peer, a deadline or a stop ends it.
        }
    }

    private void Begin(Connection connection)
    {
        Delivery.Start(connection);     // first: with what fails behind it the connection closes like any other
        if (connection.FirstDue is >= 0 and long due)
        {
            Wheel.Schedule(connection, due);
        }

        // After it was published: a stop that does not find it is seen here.
        if (IsStopping)
        {
            connection.RequestClose(CloseCause.ServerStopping, _aborting ? CloseMode.Abortive : CloseMode.Graceful);
        }
    }

    private bool TryReserve(out ConnectionId id)
    {
        if (_table.TryReserve(out id))
        {
            return true;
        }

        // A slot freed before this flag was set would resume nobody: look once more.
        if (Interlocked.Exchange(ref _full, 1) == 0)
        {
            LogFull();
        }

        return _table.TryReserve(out id);
    }

    // A host that stays full fills up again with every connection that goes: not a line for each.
    private void LogFull()
    {
        if (_fullLog.TryPass(Now))
        {
            Log.Full(Logger, Options.MaxConnections);
        }
    }

    private void Forget(ConnectionClosed closed)
    {
        _table.Release(closed.Connection.Id);
        SignalIfEmpty();
        if (Interlocked.Exchange(ref _full, 0) == 1 && !IsStopping)     // a stop lets in nobody who waits
        {
            try
            {
                ActiveEngine.ResumeAccepting();
            }
            catch (OutOfMemoryException)
            {
                Volatile.Write(ref _full, 1);       // the next that goes does it
            }
        }
    }
}
