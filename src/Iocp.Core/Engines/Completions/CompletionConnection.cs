using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Completions;

/// <summary>
/// A connection whose operations complete on any thread. Whoever wins a claim acts: sends begin as a rule on the thread that claimed the send queue, inside its
/// request, and go on where the last one completed; the reader runs on the thread that saw the last receive complete, a resumed reader on any, never inside the
/// request. The reader's state is in its operation, never here: once it has stopped, another one may run while it unwinds. Counted references tell when the last
/// operation has left the kernel: one for the open socket, one for the reader, one for the sender.
/// </summary>
internal abstract partial class CompletionConnection(ConnectionOrigin origin, Socket socket, EndPoint? remoteEndPoint)
    : EngineConnection(origin), IThreadPoolWorkItem
{
    private References _references = new();
    private PoolTurn _turn;
    private HandleGate _gate;
    private int _closing;

    // Not public, as nothing is that a Connection does not have: what shows an object by its properties would show a socket's.
    internal Socket Socket { get; } = socket;

    public override EndPoint? RemoteEndPoint { get; } = remoteEndPoint;

    public override EndPoint? LocalEndPoint
    {
        get
        {
            if (!_gate.TryEnter())
            {
                return null;
            }

            try
            {
                return Socket.LocalEndPoint;
            }
            catch (SocketException)
            {
                return null;
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    /// <summary>Open until the socket is closed.</summary>
    internal ref HandleGate Gate => ref _gate;

    private bool IsClosing => Volatile.Read(ref _closing) != 0;

    protected override void Start()
    {
        if (BeginReading() is { } operation)
        {
            Read(operation, completed: false);
        }
    }

    private protected override void Request(EngineRequests requests)
    {
        if ((requests & EngineRequests.Send) != 0 && BeginSending() is { } send)
        {
            if (UntakenBytes > 0)
            {
                // Whoever answers this frame has more of this connection to answer: on another thread, their answers leave together.
                Post(send);
            }
            else
            {
                Send(send, completed: false);
            }
        }

        if ((requests & EngineRequests.Resume) != 0 && BeginReading() is { } receive)
        {
            receive.Resumes = true;
            Post(receive);
        }

        if ((requests & EngineRequests.HalfClose) != 0)
        {
            HalfClose();
        }

        if ((requests & EngineRequests.Close) != 0 && Interlocked.Exchange(ref _closing, 1) == 0)
        {
            try
            {
                _gate.Close();
                Cancel();
                ReleaseSocket(abort: (requests & EngineRequests.Abort) != 0);
            }
            finally
            {
                RemoveReference();
            }
        }
    }

    /// <exception cref="OutOfMemoryException">There is none for it.</exception>
    protected abstract IReceiveOperation RentReceive();

    /// <exception cref="OutOfMemoryException">There is none for it.</exception>
    protected abstract ISendOperation RentSend();

    /// <summary>Before the socket is closed: cancels what closing it does not.</summary>
    protected virtual void Cancel()
    {
    }

    // What is outstanding completes as cancelled. A time-out of 0 means a reset; without one what was sent is delivered.
    protected sealed override void ReleaseSocket(bool abort)
    {
        if (abort)
        {
            Socket.Close(0);
        }
        else
        {
            Socket.Dispose();
        }
    }

    private void HalfClose()
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Reset meanwhile; the reader sees it, or has.
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void RemoveReference()
    {
        if (_references.Remove())
        {
            try
            {
                // On the pool: this may be inside a request, in which OnClosed should not run.
                _turn.Queue(this);
            }
            catch (OutOfMemoryException)
            {
                Finish();       // rather here than never
            }
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_turn.TryTake())
        {
            Finish();
        }
    }
}
