using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Linux;

/// <summary>
/// A listening socket on one worker, which deals accepted connections out to the worker that has fewest. (One listening socket a worker, with
/// SO_REUSEPORT, deals by a hash instead: few connections are spread unevenly, and closing a socket resets the clients in its backlog.)
/// An accept that fails never ends the listener and never spins: when the client is to blame the next is accepted at once, otherwise
/// after a pause that doubles up to a second.
/// </summary>
internal abstract class WorkerListener : IEngineListener, IWorkItem, IDisposable
{
    private const int StartRequested = 1;
    private const int RoomMade = 2;
    private const int PauseEnded = 4;
    private const int CloseRequested = 8;
    private const int AcceptOn = 16;
    private const int Posted = 32;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    private readonly ConnectionOrigin _origin;
    private readonly Socket _socket;
    private readonly Queue<WorkerConnection> _held = [];    // accepted, waiting for room
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _pause = s_firstPause;
    private bool _started;
    private bool _pausing;
    private int _requests;

    protected WorkerListener(WorkerEngine engine, Worker worker, ListenerOptions options, ConnectionOrigin origin)
    {
        Engine = engine;
        Worker = worker;
        _origin = origin;
        _socket = SocketSettings.Listen(options, engine.Host.Options);
        _socket.Blocking = engine.UsesBlockingSockets;
        EndPoint = _socket.LocalEndPoint!;
        _timer = DetachedTimer.Create(engine.Host.Options.TimeProvider, static listener => ((WorkerListener)listener!).Post(PauseEnded), this);
    }

    public EndPoint EndPoint { get; }

    IWorkItem? IWorkItem.Next { get; set; }

    protected WorkerEngine Engine { get; }

    protected Worker Worker { get; }

    protected int Descriptor => (int)_socket.SafeHandle.DangerousGetHandle();

    /// <summary>Whether the next connection may be accepted.</summary>
    protected bool MayAccept => _started && !_pausing && !IsClosing && _held.Count == 0;

    protected bool IsClosing { get; private set; }

    public void StartAccepting() => Post(StartRequested);

    /// <summary>There is room for a connection again.</summary>
    public void ResumeAccepting() => Post(RoomMade);

    public Task CloseAsync()
    {
        Post(CloseRequested);
        return _closed.Task;
    }

    public void Dispose() => _socket.Dispose();

    void IWorkItem.Run()
    {
        int requests = Interlocked.Exchange(ref _requests, 0);
        if (IsClosing)
        {
            return;
        }

        if ((requests & CloseRequested) != 0)
        {
            IsClosing = true;
            Discard();
            CancelAccept();
            return;
        }

        _started |= (requests & StartRequested) != 0;
        _pausing &= (requests & PauseEnded) == 0;
        AdmitHeld();
        if (MayAccept)
        {
            Accept();
        }
    }

    /// <summary>Accepts, or asks for accepts, while <see cref="MayAccept"/>; on the worker.</summary>
    protected abstract void Accept();

    /// <summary>Accepts no more; calls <see cref="FinishClose"/> if the listener is closing and nothing is outstanding.</summary>
    protected abstract void CancelAccept();

    /// <summary>Lets others have the worker, and accepts on.</summary>
    protected void Yield() => Post(AcceptOn);

    protected void FinishClose()
    {
        Discard();
        _timer.Dispose();
        _socket.Dispose();
        _closed.TrySetResult();
    }

    protected void OnAccepted(int descriptor, in PeerAddress remote)
    {
        _pause = s_firstPause;
        if (IsClosing)
        {
            _ = Libc.Close(descriptor);
            return;
        }

        WorkerConnection connection;
        try
        {
            connection = Engine.CreateConnectionOrClose(Engine.LeastLoaded(), _origin, descriptor, remote);
        }
        catch (Exception exception)
        {
            Log.ConnectionNotMade(Engine.Host.Logger, exception, EndPoint);     // the user's CreateDecoder threw
            return;
        }

        _held.Enqueue(connection);
        AdmitHeld();
        if (_held.Count > 0)
        {
            CancelAccept();
        }
    }

    protected void OnAcceptFailed(int errno)
    {
        if (IsClosing || SocketErrors.IsPeersFault(errno))
        {
            return;
        }

        _pausing = true;
        Log.AcceptBackOff(Engine.Host.Logger, EndPoint, SocketErrors.From(errno).SocketErrorCode.ToString(), (long)_pause.TotalMilliseconds);
        _timer.Change(_pause, Timeout.InfiniteTimeSpan);
        _pause = _pause * 2 < s_longestPause ? _pause * 2 : s_longestPause;
    }

    private void AdmitHeld()
    {
        while (_held.TryPeek(out WorkerConnection? connection) && Engine.Host.Accepted(connection))
        {
            _held.Dequeue();
            connection.Start();
        }
    }

    private void Discard()
    {
        while (_held.TryDequeue(out WorkerConnection? connection))
        {
            connection.Discard();
        }
    }

    private void Post(int requests)
    {
        if ((Interlocked.Or(ref _requests, requests | Posted) & Posted) == 0)
        {
            Worker.Post(this);
        }
    }
}
