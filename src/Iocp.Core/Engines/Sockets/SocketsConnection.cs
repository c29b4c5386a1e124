using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Sockets;

/// <summary>
/// A connection of the portable engine. Whoever wins a claim acts: sends run on the thread that claimed the send queue, the reader on the
/// thread that completed the last receive, a resumed reader on the thread pool. The reader's state is in its operation, never here: once
/// it has stopped, another one may run while it unwinds. Counted references tell when the last operation has left the kernel: one for the
/// open socket, one for the reader, one for the sender.
/// </summary>
internal sealed class SocketsConnection : Connection
{
    private readonly SocketsEngine _engine;
    private readonly Socket _socket;
    private References _references = new();
    private int _closing;

    public SocketsConnection(SocketsEngine engine, ConnectionOrigin origin, Socket socket, EndPoint? remoteEndPoint)
        : base(origin)
    {
        _engine = engine;
        _socket = socket;
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

    /// <summary>A reader was resumed.</summary>
    public void Resume(ReceiveOperation operation)
    {
        if (OnResumed())
        {
            Read(operation, completed: false);
        }
        else
        {
            EndReading(operation);
        }
    }

    /// <summary>The receive loop: until the receive is outstanding, the reader yields, or reading stops.</summary>
    public void Read(ReceiveOperation operation, bool completed)
    {
        for (int reads = 0; ;)
        {
            if (completed)
            {
                switch (EndReceive(operation))
                {
                    case ReceiveOutcome.Later:
                        return;
                    case ReceiveOutcome.Ended:
                        EndReading(operation);
                        return;
                }

                if (++reads > SocketsEngine.FairnessBound)
                {
                    operation.Yield();
                    return;
                }
            }

            if (IsClosing || !MayRead())
            {
                EndReading(operation);
                return;
            }

            try
            {
                operation.SetBuffer(operation.Rented, 0, operation.Rented?.Length ?? 0);
                if (_socket.ReceiveAsync(operation))
                {
                    return;
                }
            }
            catch (ObjectDisposedException)
            {
                EndReading(operation);
                return;
            }

            completed = true;
        }
    }

    /// <summary>A send that was outstanding has completed.</summary>
    public void OnSendCompleted(SendOperation operation)
    {
        if (EndSend(operation))
        {
            PumpSends(operation);
        }
    }

    /// <summary>The send loop of the claim's holder: until a send is outstanding, the sender yields, or nothing is left.</summary>
    public void PumpSends(SendOperation operation)
    {
        for (int sends = 0; ; sends++)
        {
            if (sends > SocketsEngine.FairnessBound)
            {
                operation.Yield();
                return;
            }

            if (IsClosing)
            {
                EndSending(operation);
                return;
            }

            operation.Gather(ref Sends, Host.Now);

            try
            {
                if (_socket.SendAsync(operation))
                {
                    return;
                }
            }
            catch (ObjectDisposedException)
            {
                EndSending(operation);
                return;
            }

            if (!EndSend(operation))
            {
                return;
            }
        }
    }

    private protected override void Request(EngineRequests requests)
    {
        if ((requests & EngineRequests.Send) != 0 && BeginSending() is { } operation)
        {
            if (UntakenBytes > 0)
            {
                // Whoever answers this frame has more of this connection to answer: from the pool, their answers leave together.
                operation.Yield();
            }
            else
            {
                PumpSends(operation);
            }
        }

        if ((requests & EngineRequests.Resume) != 0 && BeginReading() is { } receive)
        {
            receive.QueueResume();
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

    // What the zero-byte wait says is no more than that a read will not block: only the read decides.
    private ReceiveOutcome EndReceive(ReceiveOperation operation)
    {
        if (operation.SocketError is not SocketError.Success and SocketError error)
        {
            if (IsClosing)
            {
                return ReceiveOutcome.Ended;
            }

            if (SocketFailures.IsShortage(error))
            {
                return ReceiveLater(operation, error);
            }

            OnReceiveFailed(new SocketException((int)error), SocketFailures.IsReset(error));
            return ReceiveOutcome.Ended;
        }

        if (operation.Rented is not { } buffer)
        {
            try
            {
                operation.Rented = _engine.Host.Pool.Rent(SocketsEngine.ReceiveBufferSize);
                return ReceiveOutcome.GoOn;
            }
            catch (OutOfMemoryException)
            {
                return ReceiveLater(operation, SocketError.NoBufferSpaceAvailable);
            }
        }

        int length = operation.BytesTransferred;
        if (length == 0 && SocketFailures.IsResetBehindSend(_socket, Sends.InFlightSince is not null))
        {
            OnReceiveFailed(new SocketException((int)SocketError.ConnectionReset), reset: true);
            return ReceiveOutcome.Ended;
        }

        bool goOn = OnReceived(buffer.AsSpan(0, length)) && length > 0;
        if (length < buffer.Length)
        {
            operation.ReturnBuffer(_engine.Host.Pool);      // all there was: wait for more without a buffer
        }

        return goOn ? ReceiveOutcome.GoOn : ReceiveOutcome.Ended;
    }

    private ReceiveOutcome ReceiveLater(ReceiveOperation operation, SocketError error)
    {
        operation.ReturnBuffer(_engine.Host.Pool);
        _engine.RunLater(operation, error);
        return ReceiveOutcome.Later;
    }

    // False: the operation is no longer the caller's.
    private bool EndSend(SendOperation operation)
    {
        SocketError error = operation.SocketError;
        if (error == SocketError.Success)
        {
            if (OnSent(operation.BytesTransferred))
            {
                return true;
            }
        }
        else if (!IsClosing)
        {
            if (SocketFailures.IsShortage(error))
            {
                if (operation.BytesTransferred > 0)
                {
                    OnSent(operation.BytesTransferred);     // on Unix the runtime may have sent a part before it failed
                }

                _engine.RunLater(operation, error);     // what is left is gathered again then
                return false;
            }

            OnSendFailed(new SocketException((int)error), SocketFailures.IsReset(error));
        }

        EndSending(operation);
        return false;
    }

    private ReceiveOperation? BeginReading()
    {
        try
        {
            return _references.TryAdd() ? _engine.RentReceive(this) : null;
        }
        catch (OutOfMemoryException exception)
        {
            OnOutOfMemory(exception);
            return null;
        }
    }

    private SendOperation? BeginSending()
    {
        try
        {
            return _references.TryAdd() ? _engine.RentSend(this) : null;
        }
        catch (OutOfMemoryException exception)
        {
            OnOutOfMemory(exception);
            return null;
        }
    }

    private void OnOutOfMemory(OutOfMemoryException exception)
    {
        RequestClose(new CloseCause(CloseReason.ResourceExhausted, error: exception), CloseMode.Abortive);
        RemoveReference();
    }

    private void EndReading(ReceiveOperation operation)
    {
        operation.ReturnBuffer(_engine.Host.Pool);
        _engine.Return(operation);
        RemoveReference();
    }

    private void EndSending(SendOperation operation)
    {
        operation.Clear();
        _engine.Return(operation);
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
