using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// A connection of the completion port. Whoever wins a claim acts: sends run on the thread that claimed the send queue, the reader on the
/// worker that saw the last receive complete, a resumed reader on any worker. The reader's state is in its operation, never here: once
/// it has stopped, another one may run while it unwinds. Counted references tell when the last operation has left the kernel: one for the
/// open socket, one for the reader, one for the sender.
/// </summary>
internal sealed partial class IocpConnection : Connection
{
    private readonly IocpEngine _engine;
    private readonly Socket _socket;
    private References _references = new();
    private readonly bool _skips;   // an operation that succeeds at once posts no packet
    private int _closing;
    private int _issuing;           // threads between the look at _closing and the call that it allows

    public IocpConnection(IocpEngine engine, ConnectionOrigin origin, Socket socket, EndPoint? remoteEndPoint)
        : base(origin)
    {
        _engine = engine;
        _socket = socket;
        Handle = socket.SafeHandle;
        _skips = Ws2_32.HasFileHandle(Handle) && Kernel32.SetFileCompletionNotificationModes(Handle, Kernel32.SkipCompletionPortOnSuccess | Kernel32.SkipSetEventOnHandle) != 0;
        RemoteEndPoint = remoteEndPoint;
        engine.AddOperation();
    }

    public override EndPoint? RemoteEndPoint { get; }

    public override EndPoint? LocalEndPoint
    {
        get
        {
            try
            {
                return _socket.LocalEndPoint;
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
            {
                return null;
            }
        }
    }

    public SafeSocketHandle Handle { get; }

    /// <summary>Closed, and no thread is inside a call that could begin something.</summary>
    public bool IsClosed => IsClosing && !IsIssuing;

    /// <summary>A thread is inside a call that may begin something.</summary>
    public bool IsIssuing => Volatile.Read(ref _issuing) != 0;

    private bool IsClosing => Volatile.Read(ref _closing) != 0;

    /// <summary>Begins to read; called once, after the connection was admitted.</summary>
    public void Start()
    {
        if (BeginReading() is { } operation)
        {
            Read(operation, completed: false);
        }
    }

    /// <summary>Gives up a connection that was never admitted.</summary>
    public void Discard()
    {
        _socket.Dispose();
        ReleaseDecoder();
        _engine.RemoveOperation();
    }

    private protected override void Request(EngineRequests requests)
    {
        if ((requests & EngineRequests.Send) != 0 && BeginSending() is { } send)
        {
            if (UntakenBytes > 0)
            {
                // Whoever answers this frame has more of this connection to answer: on a worker, their answers leave together.
                _engine.Port.Post(send);
            }
            else
            {
                PumpSends(send);
            }
        }

        if ((requests & EngineRequests.Resume) != 0 && BeginReading() is { } receive)
        {
            receive.Resumes = true;
            _engine.Port.Post(receive);
        }

        if ((requests & EngineRequests.HalfClose) != 0)
        {
            HalfClose();
        }

        if ((requests & EngineRequests.Close) != 0 && Interlocked.Exchange(ref _closing, 1) == 0)
        {
            Close(abort: (requests & EngineRequests.Abort) != 0);
        }
    }

    private void OnOutOfMemory(OutOfMemoryException exception)
    {
        RequestClose(new CloseCause(CloseReason.ResourceExhausted, error: exception), CloseMode.Abortive);
        RemoveReference();
    }

    private void HalfClose()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Reset or closed meanwhile; the reader sees it, or has.
        }
    }

    private void Close(bool abort)
    {
        var wait = default(SpinWait);
        while (IsIssuing)
        {
            wait.SpinOnce();    // one system call that does not block
        }

        CompletionPort.Cancel(Handle);

        // Either way the outstanding operations complete as cancelled. A time-out of 0 means a reset; without one what was sent is delivered.
        if (abort)
        {
            _socket.Close(0);
        }
        else
        {
            _socket.Dispose();
        }

        RemoveReference();
    }

    private void RemoveReference()
    {
        if (_references.Remove())
        {
            // On the pool: this may be inside a request, and no callback is nested in a request.
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Finish(), this, preferLocal: false);
        }
    }

    private void Finish()
    {
        OnClosed();
        _engine.RemoveOperation();
    }
}
