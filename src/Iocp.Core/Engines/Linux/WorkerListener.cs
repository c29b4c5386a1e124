using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Linux;

/// <summary>
/// A listening socket on one worker, which deals accepted connections out to the worker that has fewest. (One listening socket a worker, with
/// SO_REUSEPORT, deals by a hash instead: few connections are spread unevenly, and closing a socket resets the clients in its backlog.)
/// It accepts by a loop of accept4, which gives the client's address too, whenever the engine says that somebody waits: so it holds at most one
/// connection that there is no room for, where a multishot accept would have emptied the backlog.
/// An accept that fails never ends the listener and never spins: when the client is to blame the next is accepted at once, otherwise
/// after a pause that doubles up to a second.
/// </summary>
internal abstract class WorkerListener : EngineListener, IWorkItem
{
    private const int StartRequested = 1;
    private const int RoomMade = 2;
    private const int PauseEnded = 4;
    private const int CloseRequested = 8;
    private const int AcceptOn = 16;

    // About a millisecond of the worker's: a turn of its connections may take forty times as long, and who connects must not wait for many.
    private const int AcceptsPerTurn = 128;

    private WorkerConnection? _held;    // accepted, waiting for room
    private readonly ITimer _timer;
    private BackOff _backOff = new();
    private bool _started;
    private bool _pausing;
    private RequestBits _requests;

    protected WorkerListener(WorkerEngine engine, Worker worker, Socket socket, ConnectionOrigin origin)
        : base(engine, socket, origin)
    {
        Worker = worker;
        _timer = DetachedTimer.Create(TimeProvider.System, static listener => ((WorkerListener)listener!).EndPause(), this);
    }

    protected new WorkerEngine Engine => (WorkerEngine)base.Engine;

    protected Worker Worker { get; }

    /// <summary>Set once, before <see cref="Unwatch"/>.</summary>
    protected bool IsClosing { get; private set; }

    protected int Descriptor => (int)Socket.SafeHandle.DangerousGetHandle();

    private bool MayAccept => _started && !_pausing && !IsClosing && _held is null;

    public override void StartAccepting() => Post(StartRequested);

    public override void ResumeAccepting() => Post(RoomMade);

    public override Task CloseAsync()
    {
        Post(CloseRequested);
        return Closed;
    }

    void IWorkItem.Run()
    {
        int requests = _requests.Take();
        if (IsClosing)
        {
            return;
        }

        if ((requests & CloseRequested) != 0)
        {
            IsClosing = true;
            Unwatch();
            return;
        }

        if ((requests & PauseEnded) != 0)
        {
            _pausing = false;
            if (Engine.Reserve.IsTouched())
            {
                Pause(SocketError.TooManyOpenSockets);
            }
        }

        if (!_started && (requests & (StartRequested | PauseEnded)) != 0)
        {
            TryWatch();
        }

        AdmitHeld();
        Accept();
    }

    /// <summary>Asks to be told, by <see cref="Accept"/>, whenever somebody comes to wait in the backlog; on the worker, once if it does not throw.</summary>
    /// <exception cref="SocketException">The system has no memory or no room for it.</exception>
    protected abstract void Watch();

    /// <summary>Ends that, if it was begun; calls <see cref="FinishClose"/> when nothing is outstanding.</summary>
    protected abstract void Unwatch();

    /// <summary>Accepts until the backlog is empty, or somebody else's turn comes, or there is no room.</summary>
    protected unsafe void Accept()
    {
        byte* address = stackalloc byte[Libc.MaxAddressLength];
        for (int accepts = 0; MayAccept; accepts++)
        {
            if (accepts == AcceptsPerTurn)
            {
                AcceptLater();
                return;
            }

            int length = Libc.MaxAddressLength;
            int accepted = Libc.Accept(Descriptor, address, &length, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK);
            if (accepted >= 0)
            {
                _backOff.Reset();
                if (!SocketOptions.AreInherited(Socket.AddressFamily))
                {
                    SetBufferSize(accepted, Libc.SO_SNDBUF, Engine.Host.Options.SendBufferSize);
                    SetBufferSize(accepted, Libc.SO_RCVBUF, Engine.Host.Options.ReceiveBufferSize);
                }

                OnAccepted(accepted, new ReadOnlySpan<byte>(address, length));
            }
            else if (Libc.Errno is Libc.EAGAIN)
            {
                return;
            }
            else if (Libc.Errno is var errno && !SocketErrors.IsPeersFault(errno))
            {
                Pause(SocketErrors.Code(errno));
            }
        }
    }

    // Nothing else may say again that they wait.
    private void AcceptLater()
    {
        try
        {
            Post(AcceptOn);
        }
        catch (OutOfMemoryException)
        {
            Pause(SocketError.NoBufferSpaceAvailable);
        }
    }

    protected void FinishClose()
    {
        _held?.Discard();
        _timer.Dispose();
        Socket.Dispose();
        SetClosed();
    }

    private void TryWatch()
    {
        try
        {
            Watch();
            _started = true;
        }
        catch (SocketException exception)
        {
            Pause(exception.SocketErrorCode);
        }
        catch (OutOfMemoryException)
        {
            Pause(SocketError.NoBufferSpaceAvailable);
        }
    }

    // What fails is seen when the socket is used.
    private static unsafe void SetBufferSize(int descriptor, int name, int? size)
    {
        if (size is { } bytes)
        {
            _ = Libc.SetSocketOption(descriptor, Libc.SOL_SOCKET, name, &bytes, sizeof(int));
        }
    }

    private void OnAccepted(int descriptor, ReadOnlySpan<byte> remote)
    {
        try
        {
            _held = Engine.CreateConnection(Origin, descriptor, PeerAddress.From(remote));
        }
        catch (Exception exception)
        {
            _ = Libc.Close(descriptor);
            Log.ConnectionNotMade(Engine.Host.Logger, exception, EndPoint);     // the user's CreateDecoder threw, or there was no memory
            return;
        }

        AdmitHeld();
        if (Engine.Reserve.IsTouchedBy(descriptor))
        {
            Pause(SocketError.TooManyOpenSockets);
        }
    }

    private void AdmitHeld()
    {
        if (_held is not { } connection)
        {
            return;
        }

        Admission admission = Admit(connection);
        if (admission != Admission.NoRoom)
        {
            _held = null;
            try
            {
                Release(connection, admission);
            }
            catch (OutOfMemoryException)
            {
                Pause(SocketError.NoBufferSpaceAvailable);      // those behind it are accepted after that; nothing else may say again that they wait
            }
        }
    }

    // On the timer's thread.
    private void EndPause()
    {
        try
        {
            Post(PauseEnded);
        }
        catch (OutOfMemoryException)
        {
            _timer.Change(BackOff.Longest, Timeout.InfiniteTimeSpan);
        }
    }

    private void Pause(SocketError reason)
    {
        TimeSpan pause = _backOff.Next();
        _timer.Change(pause, Timeout.InfiniteTimeSpan);
        _pausing = true;        // after what may throw: nothing else ends a pause
        LogBackOff(reason, pause);
    }

    private void Post(int requests) => _requests.Post(requests, Worker, this);
}
