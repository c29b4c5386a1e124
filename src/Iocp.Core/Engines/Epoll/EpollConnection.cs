using System.Net.Sockets;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.Epoll;

/// <summary>
/// A connection of the epoll engine. The edges say what has become possible; <see cref="_readable"/> and <see cref="_sending"/> remember it until a
/// call says that it no longer is. Nothing is ever outstanding in the kernel, so a close is done at once.
/// </summary>
internal sealed class EpollConnection(EpollWorker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
    : WorkerConnection(worker, origin, descriptor, remote), IEpollTarget
{
    private int _place = -1;
    private bool _readable;
    private Behind _behind;         // what waits behind the data: a short read does not mean then that nothing is left
    private ReadingState _reading;
    private SendingState _sending;

    // One byte of two flags: an idle connection is small.
    [Flags]
    private enum Behind : byte
    {
        Nothing = 0,
        End = 1,        // or an error
        Urgent = 2,     // urgent data, at which a read stops short
    }

    private enum SendingState : byte
    {
        Idle,

        /// <summary>The claim of the send queue is ours.</summary>
        Claimed,

        /// <summary>The claim is ours, and the socket has no room until an edge says so.</summary>
        Blocked,
    }

    private new EpollWorker Worker => (EpollWorker)base.Worker;

    public void OnEvents(uint events)
    {
        try
        {
            Take(events);
        }
        catch (Exception exception)
        {
            OnFailed(exception);
        }
    }

    private void Take(uint events)
    {
        const uint hangUp = EpollEvents.RemoteHangUp | EpollEvents.HangUp | EpollEvents.Error;
        _behind |= ((events & hangUp) != 0 ? Behind.End : 0) | ((events & EpollEvents.Priority) != 0 ? Behind.Urgent : 0);
        if ((events & (EpollEvents.Out | hangUp)) != 0 && _sending == SendingState.Blocked)
        {
            _sending = SendingState.Claimed;
            Send();
        }

        if ((events & (EpollEvents.In | EpollEvents.Priority | hangUp)) != 0)
        {
            _readable = true;
            Read();
        }
    }

    protected override void Run(int requests)
    {
        if (IsReleased)
        {
            return;
        }

        if ((requests & StartRequested) != 0)
        {
            Watch();
        }

        if (Has(requests, EngineRequests.Send))
        {
            _sending = SendingState.Claimed;
            Send();
        }

        if (Has(requests, EngineRequests.Resume))
        {
            bool goOn = OnResumed();
            if (_reading != ReadingState.Ended)
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
            if (_place >= 0)
            {
                Worker.Remove(_place);
                _place = -1;
            }

            FinishRelease(Has(requests, EngineRequests.Abort));
            return;
        }

        if ((requests & ReadOn) != 0)
        {
            _readable = true;
            _reading = _reading == ReadingState.Deferred ? ReadingState.Idle : _reading;
        }

        Read();
    }

    // What is there already is reported as an edge.
    private void Watch()
    {
        try
        {
            _place = Worker.Add(this, Socket);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
        {
            PostLater(StartRequested, exception.SocketErrorCode);
        }
    }

    private unsafe void Read()
    {
        byte* buffer = Worker.ReceiveBuffer;
        nint taken = 0;
        for (int reads = 0; _readable && _reading == ReadingState.Idle; reads++)
        {
            if (!MayRead())
            {
                _reading = ReadingState.Stopped;
                return;
            }

            // In bytes too: that many tiny frames may keep the others waiting for milliseconds.
            if (reads == Engine.FairnessBound || taken >= EpollWorker.ReceiveBufferSize)
            {
                Post(ReadOn);
                return;
            }

            nint length = Libc.Receive(Socket, buffer, EpollWorker.ReceiveBufferSize, Libc.MSG_DONTWAIT);
            if (length < 0)
            {
                OnReadFailed(Libc.Errno);
                continue;
            }

            taken += length;

            // Otherwise a short read has emptied the socket; what comes later is a new edge. See epoll(7). (On a UNIX socket descriptors end a read too.)
            _readable = length == EpollWorker.ReceiveBufferSize || _behind != 0 || !IsTcp;
            _reading = length == 0 ? ReadingState.Ended : ReadingState.Idle;
            if (!OnReceived(new ReadOnlySpan<byte>(buffer, (int)length)) && length > 0)
            {
                _reading = ReadingState.Stopped;
            }
        }
    }

    private void OnReadFailed(int errno)
    {
        if (errno == Libc.EAGAIN)
        {
            _readable = false;
            if ((_behind & Behind.Urgent) != 0)
            {
                // At an urgent byte the kernel says this also when a signal is pending (tcp_recvmsg), whatever waits behind it; and no edge need follow.
                _behind &= ~Behind.Urgent;
                Post(ReadOn);
            }
        }
        else if (SocketErrors.IsShortage(errno))
        {
            _reading = ReadingState.Deferred;
            PostLater(ReadOn, SocketErrors.Code(errno));
        }
        else if (errno != Libc.EINTR)
        {
            _reading = ReadingState.Ended;
            ReceiveFailed(SocketErrors.Code(errno));
        }
    }

    private unsafe void Send()
    {
        List<ArraySegment<byte>> gathered = Worker.Gathered;
        for (int sends = 0; _sending == SendingState.Claimed; sends++)
        {
            if (sends == Engine.FairnessBound)
            {
                Post((int)EngineRequests.Send);
                return;
            }

            Sends.Gather(gathered, GatheredSend.MaxBuffers, GatheredSend.MaxBytes);
            int sent = (int)Send(gathered);
            if (sent >= 0)
            {
                // After a partial send once more: what waits for room is then waited for, and the send deadline looks at it.
                _sending = OnSent(sent) ? SendingState.Claimed : SendingState.Idle;
            }
            else if (Libc.Errno is Libc.EAGAIN)
            {
                Sends.BeginWait(Host.Now);
                _sending = SendingState.Blocked;    // an edge says when there is room
            }
            else if (SocketErrors.IsShortage(Libc.Errno))
            {
                SocketError shortage = SocketErrors.Code(Libc.Errno);
                Sends.BeginWait(Host.Now);
                PostLater((int)EngineRequests.Send, shortage);      // no edge need follow
                return;
            }
            else if (Libc.Errno is not Libc.EINTR and int errno)
            {
                _sending = SendingState.Idle;
                SendFailed(SocketErrors.Code(errno));
                return;
            }
        }
    }

    private unsafe nint Send(List<ArraySegment<byte>> gathered)
    {
        const int flags = Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL;
        if (gathered.Count == 1)
        {
            return Libc.Send(Socket, GatheredSend.Address(gathered[0]), gathered[0].Count, flags);
        }

        IoVector* vectors = stackalloc IoVector[GatheredSend.MaxBuffers];
        GatheredSend.Fill(vectors, gathered);
        var message = new MessageHeader { Vectors = vectors, VectorCount = gathered.Count };
        return Libc.SendMessage(Socket, &message, flags);
    }
}
