using System.Net.Sockets;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

// The reader: from one receive to the next.
internal unsafe partial class UringConnection
{
    /// <summary>The turn of its deferred receive has come, if it still reads.</summary>
    /// <param name="tryFirst">Whether data is likely to be there.</param>
    public void ReceiveDeferred(bool tryFirst)
    {
        if (_reading != ReadingState.Deferred)
        {
            return;
        }

        _reading = ReadingState.Idle;
        _nonEmpty = tryFirst;
        try
        {
            Receive();
            if (tryFirst && _reading == ReadingState.Outstanding)
            {
                _reading = ReadingState.PutOff;
            }
        }
        catch (Exception exception)
        {
            OnFailed(exception);
        }
    }

    private void Receive()
    {
        if (_reading != ReadingState.Idle || _closing != ClosingState.No)
        {
            return;
        }

        if (!MayRead())
        {
            _reading = ReadingState.Stopped;
            return;
        }

        if (!_nonEmpty)
        {
            // Do not try what would find nothing.
            if (Worker.IsBusy)
            {
                PreparePoll(Purpose.Receive, IoUringAbi.PollIn);
                _reading = ReadingState.Polling;
                return;
            }

            PrepareLinkedPoll(Purpose.Receive, IoUringAbi.PollIn);
        }

        SubmissionEntry* entry = Prepare(Operation.Receive, Purpose.Receive);
        entry->Flags |= IoUringAbi.EntryBufferSelect;
        entry->BufferGroup = BufferRing.Group;
        entry->OperationFlags = Libc.MSG_DONTWAIT;
        _reading = ReadingState.Outstanding;
    }

    private void ReceiveOrDefer()
    {
        if (_reading == ReadingState.Idle && (Worker.Deferred.BuffersAreShort || (!_nonEmpty && !Sends.LooksEmpty && Worker.Deferred.IsWorthIt())))
        {
            _reading = ReadingState.Deferred;
            Worker.Deferred.Add(this);
            return;
        }

        Receive();
    }

    private void OnReceiveCompleted(in CompletionEntry completion)
    {
        int result = completion.Result;
        bool polled = _reading == ReadingState.Polling && result >= 0;
        bool putOff = _reading == ReadingState.PutOff;
        _reading = ReadingState.Idle;
        _nonEmpty = polled || (completion.Flags & IoUringAbi.CompletionSocketNonEmpty) != 0;
        if (polled)
        {
            Receive();
            return;
        }

        if (result > 0)
        {
            try
            {
                if (!OnReceived(Worker.Buffers.Bytes(completion)))
                {
                    _reading = ReadingState.Stopped;
                }
            }
            finally
            {
                Worker.Buffers.Return(completion);
            }

            ReceiveOrDefer();
            return;
        }

        Worker.Buffers.ReturnUnused(completion);
        if (result == 0)
        {
            _reading = ReadingState.Ended;
            OnReceived(default);
        }
        else if (result == -Libc.ENOBUFS)
        {
            // No buffer was left: tried again, for there is something to read, after everybody has given back what this batch filled.
            _nonEmpty = true;
            Worker.Deferred.OnShortage();
            Post(ReadOn);
            return;
        }
        else if (_closing == ClosingState.No && Shortage(-result) is { } shortage)
        {
            _nonEmpty = true;
            _reading = ReadingState.Deferred;
            PostLater(ReadOn, shortage);
            return;
        }
        else if (result == -Libc.EAGAIN)
        {
            if (putOff)
            {
                Worker.Deferred.OnFoundNothing();
            }
        }
        else if (-result is not (Libc.ECANCELED or Libc.EINTR))
        {
            _reading = ReadingState.Ended;
            if (_closing == ClosingState.No)
            {
                ReceiveFailed(SocketErrors.Code(-result));
            }
        }

        Receive();
    }
}
