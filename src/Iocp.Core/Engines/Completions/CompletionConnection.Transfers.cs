using System.Net.Sockets;

namespace Iocp.Core.Engines.Completions;

// The receive loop and the send loop.
internal abstract partial class CompletionConnection
{
    /// <summary>Bytes of one read. Rented only for the read itself: who waits holds none.</summary>
    public const int ReceiveBufferSize = 16_384;

    /// <summary>Pieces in one send; far below the system's limit (IOV_MAX is 1,024 on Linux).</summary>
    public const int MaxSendBuffers = 16;

    // No further piece is added to this many bytes. Windows, and on Unix the runtime, report a send when all of it was taken, so this is also
    // how finely a peer's progress is seen by the send deadline.
    private const int MaxSendBytes = 65_536;

    /// <summary>The receive loop: until the receive is outstanding, the reader yields, or reading stops.</summary>
    public void Read(IReceiveOperation operation, bool completed)
    {
        bool ended;
        try
        {
            ended = !ReadOn(operation, completed);
        }
        catch (OutOfMemoryException exception)
        {
            TryFail(exception);
            ended = true;
        }

        if (ended)
        {
            End(operation);
        }
    }

    /// <summary>The send loop of the claim's holder: until a send is outstanding, the sender yields, or nothing is left.</summary>
    public void Send(ISendOperation operation, bool completed)
    {
        bool ended;
        try
        {
            ended = !SendOn(operation, completed);
        }
        catch (OutOfMemoryException exception)
        {
            TryFail(exception);
            ended = true;
        }

        if (ended)
        {
            End(operation);
        }
    }

    // True: the operation is outstanding, or will have its turn; it is no longer the caller's. When this throws it is.
    private bool ReadOn(IReceiveOperation operation, bool completed)
    {
        if (operation.Resumes)
        {
            operation.Resumes = false;
            if (!OnResumed())
            {
                return false;
            }
        }

        for (int reads = 0; ;)
        {
            if (completed)
            {
                TransferOutcome outcome = EndReceive(operation);
                if (outcome != TransferOutcome.GoOn)
                {
                    return outcome == TransferOutcome.Later;
                }

                bool read = operation.Rented is null;       // otherwise that was the wait before one
                if (++reads == Engine.FairnessBound || (read && !IsClosing && operation.PutsOffNext()))
                {
                    operation.Post();
                    return true;
                }
            }

            if (IsClosing || !MayRead())
            {
                return false;
            }

            if (operation.Issue())
            {
                return true;
            }

            completed = true;
        }
    }

    // As above.
    private bool SendOn(ISendOperation operation, bool completed)
    {
        for (int sends = 0; ; sends++)
        {
            if (completed && EndSend(operation) is not TransferOutcome.GoOn and TransferOutcome outcome)
            {
                return outcome == TransferOutcome.Later;
            }

            if (sends == Engine.FairnessBound)
            {
                operation.Post();
                return true;
            }

            if (IsClosing)
            {
                return false;
            }

            Sends.Gather(operation.Gathered, MaxSendBuffers, MaxSendBytes, waitsFrom: Host.Now);
            if (operation.Issue())
            {
                return true;
            }

            completed = true;
        }
    }

    // What the zero-byte wait says is no more than that a read will not block: only the read decides.
    private TransferOutcome EndReceive(IReceiveOperation operation)
    {
        if (operation.Error is not SocketError.Success and SocketError error)
        {
            if (IsClosing)
            {
                return TransferOutcome.Ended;
            }

            if (SocketFailures.IsShortage(error))
            {
                return ReceiveLater(operation, error);
            }

            ReceiveFailed(error);
            return TransferOutcome.Ended;
        }

        if (operation.Rented is not { } buffer)
        {
            try
            {
                operation.Rented = Host.Pool.Rent(ReceiveBufferSize);
                return TransferOutcome.GoOn;
            }
            catch (OutOfMemoryException)
            {
                return ReceiveLater(operation, SocketError.NoBufferSpaceAvailable);
            }
        }

        int length = operation.Bytes;
        if (length == 0 && SocketFailures.IsResetBehindSend(Socket, Sends.WaitsSince is not null))
        {
            ReceiveFailed(SocketError.ConnectionReset);
            return TransferOutcome.Ended;
        }

        bool goOn = OnReceived(buffer.AsSpan(0, length)) && length > 0;
        operation.ReturnBuffer();       // also when it was filled: there may be nothing more, and who waits holds none
        return goOn ? TransferOutcome.GoOn : TransferOutcome.Ended;
    }

    private static TransferOutcome ReceiveLater(IReceiveOperation operation, SocketError error)
    {
        operation.ReturnBuffer();
        operation.PostLater(error);
        return TransferOutcome.Later;
    }

    private TransferOutcome EndSend(ISendOperation operation)
    {
        SocketError error = operation.Error;
        if (error == SocketError.Success)
        {
            return OnSent(operation.Bytes) ? TransferOutcome.GoOn : TransferOutcome.Ended;
        }

        if (IsClosing)
        {
            return TransferOutcome.Ended;
        }

        if (SocketFailures.IsShortage(error))
        {
            if (operation.Bytes > 0)
            {
                OnSent(operation.Bytes);    // on Unix the runtime may have sent a part before it failed
            }

            operation.PostLater(error);     // what is left is gathered again then
            return TransferOutcome.Later;
        }

        SendFailed(error);
        return TransferOutcome.Ended;
    }

    private IReceiveOperation? BeginReading()
    {
        try
        {
            return _references.TryAdd() ? RentReceive() : null;
        }
        catch (OutOfMemoryException exception)
        {
            OnOutOfMemory(exception);
            return null;
        }
    }

    private ISendOperation? BeginSending()
    {
        try
        {
            return _references.TryAdd() ? RentSend() : null;
        }
        catch (OutOfMemoryException exception)
        {
            OnOutOfMemory(exception);
            return null;
        }
    }

    private void OnOutOfMemory(OutOfMemoryException exception)
    {
        TryFail(exception);
        RemoveReference();
    }

    // Inside a request: nobody else has the operation, or its reference.
    private void Post(ITransferOperation operation)
    {
        try
        {
            operation.Post();
        }
        catch (OutOfMemoryException exception)
        {
            TryFail(exception);
            End(operation);
        }
    }

    // Of the reader, or of the sender.
    private void End(ITransferOperation operation)
    {
        operation.Return();
        RemoveReference();
    }
}
