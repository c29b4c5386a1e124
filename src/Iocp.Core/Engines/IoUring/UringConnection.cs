using System.Net.Sockets;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>
/// A connection of the io_uring engine: at most one receive and one send outstanding. It is released after both have completed,
/// whatever ended them.
/// </summary>
/// <remarks>
/// The receive is not a multishot one: that measured the same, but reads up to 2 MB ahead of a pause, which has to cancel it. So a
/// connection that is not read from has at most one read in hand, and one that never stops talking gets one read in each turn.
/// Neither operation ever waits itself (MSG_DONTWAIT): what waits is a poll in front of it. One that waited would be tried again whenever urgent data is there,
/// and after 128 times be given to a thread of the kernel, to wait there; a receive takes more of a buffer then than it says.
/// A receive is linked behind its poll where the worker has little to do: that saves a turn. A busy one submits it when the poll has completed, with what else there is
/// to submit: so that the kernel does not carry two operations for each connection that waits.
/// </remarks>
internal unsafe partial class UringConnection(UringWorker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
    : WorkerConnection(worker, origin, descriptor, remote), IUringTarget
{
    private int _place = -1;
    private ReadingState _reading;
    private bool _nonEmpty = true;      // for all we know the socket holds data
    private SendingState _sending;
    private ClosingState _closing;

    // What is outstanding: a send, also behind a poll for room, or a shutdown, which follows the last.
    private enum SendingState : byte
    {
        Nothing,
        Operation,
        OperationBehindPoll,
    }

    private enum ClosingState : byte
    {
        No,
        Graceful,
        Abortive,
        Releasing,
    }

    protected new UringWorker Worker => (UringWorker)base.Worker;

    /// <summary>Where this owner of operations is on its worker; of a direct descriptor also where that is.</summary>
    protected int Place => _place;

    private bool IsReceiving => _reading is ReadingState.Outstanding or ReadingState.PutOff or ReadingState.Polling;

    public void OnCompletion(Purpose purpose, in CompletionEntry completion)
    {
        try
        {
            switch (purpose)
            {
                case Purpose.Receive:
                    OnReceiveCompleted(completion);
                    break;
                case Purpose.Send:
                    OnSendCompleted(completion.Result);
                    break;
                case Purpose.Shutdown:
                    _sending = SendingState.Nothing;
                    break;
                default:
                    OnCompleted(purpose, completion.Result);
                    break;
            }
        }
        catch (Exception exception)
        {
            OnFailed(exception);
        }
        finally
        {
            // Whatever became of it: nobody looks again after the last completion.
            if (_closing != ClosingState.No)
            {
                TryRelease();
            }
        }
    }

    protected override void Run(int requests)
    {
        if (_closing != ClosingState.No)
        {
            return;
        }

        if ((requests & StartRequested) != 0)
        {
            _place = Worker.Add(this);
            OnStarted();
        }

        if (Has(requests, EngineRequests.Send) && !Has(requests, EngineRequests.Close))     // which follows the last send, or drops it
        {
            Send(wait: false);
        }

        if (Has(requests, EngineRequests.Resume))
        {
            bool goOn = OnResumed();
            if (_reading is ReadingState.Idle or ReadingState.Stopped)
            {
                _reading = goOn ? ReadingState.Idle : ReadingState.Stopped;
            }
        }

        if (Has(requests, EngineRequests.HalfClose))
        {
            HalfClose();
        }

        if (Has(requests, EngineRequests.Close))
        {
            _closing = Has(requests, EngineRequests.Abort) ? ClosingState.Abortive : ClosingState.Graceful;
            CancelOutstanding();
            TryRelease();
            return;
        }

        if ((requests & ReadOn) != 0 && _reading == ReadingState.Deferred)
        {
            _reading = ReadingState.Idle;
        }

        Receive();
    }

    /// <summary>On the worker, before anything is outstanding.</summary>
    protected virtual void OnStarted()
    {
    }

    /// <summary>Completed: neither a receive nor a send nor a shutdown.</summary>
    protected virtual void OnCompleted(Purpose purpose, int result)
    {
    }

    /// <summary>Half-closes by an operation instead of a call.</summary>
    protected void PrepareHalfClose()
    {
        _sending = SendingState.Operation;
        Prepare(Operation.Shutdown, Purpose.Shutdown)->Length = Libc.SHUT_WR;
    }

    /// <summary>Nothing is outstanding any more; called once.</summary>
    protected virtual void Release(bool abort)
    {
        if (_place >= 0)
        {
            Worker.Remove(_place);
        }

        FinishRelease(abort);
    }

    /// <summary>An entry to fill, for an operation on this connection's socket.</summary>
    protected virtual SubmissionEntry* Prepare(Operation operation, Purpose purpose) => Worker.Prepare(operation, Socket, _place, purpose);

    /// <summary>Asks for the end of what is outstanding; it still completes, as cancelled or otherwise.</summary>
    /// <remarks>What waits is a poll, which has the name of the operation behind it: by that the kernel finds it at once, and by the socket only among all polls of the ring.</remarks>
    private void CancelOutstanding()
    {
        if (IsReceiving)
        {
            Worker.Cancel(_place, Purpose.Receive);
        }

        if (_sending != SendingState.Nothing)
        {
            Worker.Cancel(_place, Purpose.Send, Sends.Message);     // a shutdown has another name; it does not wait
        }
    }

    private SubmissionEntry* PreparePoll(Purpose purpose, uint events)
    {
        SubmissionEntry* poll = Prepare(Operation.PollAdd, purpose);
        poll->OperationFlags = events;
        return poll;
    }

    // In front of the operation that is submitted next. The two are one to us: they complete once, as the poll if that fails.
    private SubmissionEntry* PrepareLinkedPoll(Purpose purpose, uint events)
    {
        Worker.MakeRoom(2);
        SubmissionEntry* poll = PreparePoll(purpose, events);
        poll->Flags |= IoUringAbi.EntryLink | IoUringAbi.EntrySkipSuccess;
        return poll;
    }

    // Sends everything that is queued in one operation: at once, or behind a poll for room.
    private void Send(bool wait)
    {
        List<ArraySegment<byte>> gathered = Worker.Gathered;
        Sends.Gather(gathered, GatheredSend.MaxBuffers, GatheredSend.MaxBytes);
        _sending = wait ? SendingState.OperationBehindPoll : SendingState.Operation;
        Sends.Message = 0;      // until there is one: there may be no memory for it, and what was prepared is cancelled by its name
        SubmissionEntry* poll = wait ? PrepareLinkedPoll(Purpose.Send, IoUringAbi.PollOut) : null;
        SubmissionEntry* entry = Prepare(gathered.Count == 1 ? Operation.Send : Operation.SendMessage, Purpose.Send);
        entry->OperationFlags = Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT;
        if (gathered.Count == 1)
        {
            entry->Address = (ulong)GatheredSend.Address(gathered[0]);
            entry->Length = (uint)gathered[0].Count;
        }
        else
        {
            MessageHeader* message = Worker.AddMessage(entry, out int number);
            Sends.Message = number;
            message->VectorCount = gathered.Count;
            GatheredSend.Fill(message->Vectors, gathered);
        }

        if (wait)
        {
            poll->UserData = entry->UserData;       // whichever completes gives the message back
        }
    }

    private void OnSendCompleted(int result)
    {
        bool behindPoll = _sending == SendingState.OperationBehindPoll;
        _sending = SendingState.Nothing;
        if (_closing != ClosingState.No)
        {
            return;
        }

        if (result == -Libc.EAGAIN)
        {
            if (!behindPoll)
            {
                Sends.BeginWait(Host.Now);
                Send(wait: true);
                return;
            }

            result = -Libc.ENOBUFS;     // there was room for it: TCP says EAGAIN, too, when the system has no memory for what is queued
        }

        if (result >= 0)
        {
            if (!OnSent(result))
            {
                return;
            }
        }
        else if (Shortage(-result) is { } shortage)
        {
            Sends.BeginWait(Host.Now);
            PostLater((int)EngineRequests.Send, shortage);
            return;
        }
        else if (-result is not Libc.EINTR)
        {
            SendFailed(SocketErrors.Code(-result));
            return;
        }

        // With the requests of this batch: what is appended until then leaves together.
        Post((int)EngineRequests.Send);
    }

    // Nobody cancels before the connection closes: then a poll says so for the operation behind it, for which the kernel had no memory; or a cancellation, which found no poll.
    private static SocketError? Shortage(int errno)
        => errno is Libc.ECANCELED or Libc.ENOENT or Libc.EALREADY ? SocketError.NoBufferSpaceAvailable : SocketErrors.IsShortage(errno) ? SocketErrors.Code(errno) : null;

    private void TryRelease()
    {
        if (!IsReceiving && _sending == SendingState.Nothing && _closing != ClosingState.Releasing)
        {
            bool abort = _closing == ClosingState.Abortive;
            _closing = ClosingState.Releasing;
            Release(abort);
        }
    }
}
