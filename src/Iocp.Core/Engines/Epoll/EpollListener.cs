using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.Epoll;

/// <summary>Accepts until the backlog is empty; the next edge says that it no longer is.</summary>
internal sealed class EpollListener(WorkerEngine engine, EpollWorker worker, ListenerOptions options, ConnectionOrigin origin)
    : WorkerListener(engine, worker, options, origin), IEpollTarget
{
    private int _place = -1;

    private new EpollWorker Worker => (EpollWorker)base.Worker;

    public void OnEvents(uint events) => Accept();

    protected override unsafe void Accept()
    {
        if (_place < 0)
        {
            _place = Worker.Add(this, Descriptor);
        }

        byte* address = stackalloc byte[Libc.MaxAddressLength];
        for (int accepts = 0; MayAccept; accepts++)
        {
            if (accepts == EpollWorker.FairnessBound)
            {
                Yield();
                return;
            }

            int length = Libc.MaxAddressLength;
            int accepted = Libc.Accept(Descriptor, address, &length, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (accepted >= 0)
            {
                OnAccepted(accepted, PeerAddress.From(new ReadOnlySpan<byte>(address, length)));
            }
            else if (Libc.Errno == Libc.EAGAIN)
            {
                return;
            }
            else
            {
                OnAcceptFailed(Libc.Errno);
            }
        }
    }

    protected override void CancelAccept()
    {
        if (IsClosing)
        {
            if (_place >= 0)
            {
                Worker.Remove(_place);
            }

            FinishClose();
        }
    }
}
