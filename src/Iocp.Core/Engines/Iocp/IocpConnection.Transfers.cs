using System.Net.Sockets;

namespace Iocp.Core.Engines.Iocp;

// The receive loop and the send loop.
internal sealed partial class IocpConnection
{
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

                if (++reads > IocpEngine.FairnessBound)
                {
                    _engine.Port.Post(operation);
                    return;
                }
            }

            if (IsClosing || !MayRead())
            {
                EndReading(operation);
                return;
            }

            if (Issue(operation))
            {
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
            if (sends > IocpEngine.FairnessBound)
            {
                _engine.Port.Post(operation);
                return;
            }

            if (IsClosing)
            {
                EndSending(operation);
                return;
            }

            operation.Gather(ref Sends, Host.Now);

            if (Issue(operation))
            {
                return;
            }

            if (!EndSend(operation))
            {
                return;
            }
        }
    }

    // True: outstanding.
    private bool Issue(TransferOperation operation)
    {
        try
        {
            // A close that comes after this waits until the call returned, and cancels it: nothing is begun between its cancel and its close.
            Interlocked.Increment(ref _issuing);
            if (!IsClosing)
            {
                return operation.Issue(Handle, _skips);
            }

            operation.Error = SocketError.OperationAborted;
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _issuing);
        }
    }

    // What the zero-byte wait says is no more than that a read will not block: only the read decides.
    private ReceiveOutcome EndReceive(ReceiveOperation operation)
    {
        if (operation.Error is not SocketError.Success and SocketError error)
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
                operation.Rented = _engine.Host.Pool.Rent(IocpEngine.ReceiveBufferSize);
                return ReceiveOutcome.GoOn;
            }
            catch (OutOfMemoryException)
            {
                return ReceiveLater(operation, SocketError.NoBufferSpaceAvailable);
            }
        }

        int length = operation.Bytes;
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
        _engine.Port.PostLater(operation, error);
        return ReceiveOutcome.Later;
    }

    // False: the operation is no longer the caller's.
    private bool EndSend(SendOperation operation)
    {
        SocketError error = operation.Error;
        if (error == SocketError.Success)
        {
            if (OnSent(operation.Bytes))
            {
                return true;
            }
        }
        else if (!IsClosing)
        {
            if (SocketFailures.IsShortage(error))
            {
                _engine.Port.PostLater(operation, error);     // nothing of it was sent: gathered again then
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
}
