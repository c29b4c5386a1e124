using System.Net.Sockets;

namespace Iocp.Core.Engines.Completions;

// The receive loop and the send loop.
internal abstract partial class CompletionConnection
{
    /// <summary>Bytes of one read. Rented only while there is something to read.</summary>
    public const int ReceiveBufferSize = 16_384;

    /// <summary>Pieces in one send; far below the system's limit (IOV_MAX is 1,024 on Linux).</summary>
    public const int MaxSendBuffers = 16;

    // No further piece is added to this many bytes. Windows, and on Unix the runtime, report a send when all of it was taken, so this is also
    // how finely a peer's progress is seen by the send deadline.
    private const int MaxSendBytes = 65_536;

    /// <summary>The receive has its turn: after it yielded or waited, or to resume a reader.</summary>
    public void RunTurn(IReceiveOperation operation)
    {
        if (operation.Resumes)
        {
            operation.Resumes = false;
            if (!OnResumed())
            {
                End(operation);
                return;
            }
        }

        Read(operation, completed: false);
    }

    /// <summary>The receive loop: until the receive is outstanding, the reader yields, or reading stops.</summary>
    public void Read(IReceiveOperation operation, bool completed)
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
                        End(operation);
                        return;
                }

                if (++reads == Engine.FairnessBound)
                {
                    operation.Post();
                    return;
                }
            }

            if (IsClosing || !MayRead())
            {
                End(operation);
                return;
            }

            if (operation.Issue())
            {
                return;
            }

            completed = true;
        }
    }

    /// <summary>The send loop of the claim's holder: until a send is outstanding, the sender yields, or nothing is left.</summary>
    public void Send(ISendOperation operation, bool completed)
    {
        for (int sends = 0; ; sends++)
        {
            if (completed && !EndSend(operation))
            {
                return;
            }

            if (sends == Engine.FairnessBound)
            {
                operation.Post();
                return;
            }

            if (IsClosing)
            {
                End(operation);
                return;
            }

            Sends.Gather(operation.Gathered, MaxSendBuffers, MaxSendBytes, Host.Now);
            if (operation.Issue())
            {
                return;
            }

            completed = true;
        }
    }

    // What the zero-byte wait says is no more than that a read will not block: only the read decides.
    private ReceiveOutcome EndReceive(IReceiveOperation operation)
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

            ReceiveFailed(error);
            return ReceiveOutcome.Ended;
        }

        if (operation.Rented is not { } buffer)
        {
            try
            {
                operation.Rented = Host.Pool.Rent(ReceiveBufferSize);
                return ReceiveOutcome.GoOn;
            }
            catch (OutOfMemoryException)
            {
                return ReceiveLater(operation, SocketError.NoBufferSpaceAvailable);
            }
        }

        int length = operation.Bytes;
        if (length == 0 && SocketFailures.IsResetBehindSend(Socket, Sends.InFlightSince is not null))
        {
            ReceiveFailed(SocketError.ConnectionReset);
            return ReceiveOutcome.Ended;
        }

        bool goOn = OnReceived(buffer.AsSpan(0, length)) && length > 0;
        operation.ReturnBuffer();       // also when it was filled: there may be nothing more, and who waits holds none
        return goOn ? ReceiveOutcome.GoOn : ReceiveOutcome.Ended;
    }

    private static ReceiveOutcome ReceiveLater(IReceiveOperation operation, SocketError error)
    {
        operation.ReturnBuffer();
        operation.PostLater(error);
        return ReceiveOutcome.Later;
    }

    // False: the operation is no longer the caller's.
    private bool EndSend(ISendOperation operation)
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
                if (operation.Bytes > 0)
                {
                    OnSent(operation.Bytes);    // on Unix the runtime may have sent a part before it failed
                }

                operation.PostLater(error);     // what is left is gathered again then
                return false;
            }

            SendFailed(error);
        }

        End(operation);
        return false;
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
        OnFailed(exception);
        RemoveReference();
    }

    // Of the reader, or of the sender.
    private void End(ITransferOperation operation)
    {
        operation.Return();
        RemoveReference();
    }
}
