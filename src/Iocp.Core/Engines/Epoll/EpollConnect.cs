using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.Epoll;

/// <summary>A connect: begun without blocking, over when the socket is writable. See connect(2), EINPROGRESS.</summary>
internal sealed class EpollConnect(EpollWorker worker, int descriptor, ReadOnlyMemory<byte> address) : ConnectOperation(worker, descriptor), IEpollTarget
{
    private int _place;

    private new EpollWorker Worker => (EpollWorker)base.Worker;

    // An event may be a late one of whoever had this place before.
    private unsafe bool IsConnected
    {
        get
        {
            byte* peer = stackalloc byte[Libc.MaxAddressLength];
            int length = Libc.MaxAddressLength;
            return Libc.GetPeerName(Socket, peer, &length) == 0 || Libc.Errno != Libc.ENOTCONN;
        }
    }

    public unsafe void OnEvents(uint events)
    {
        if ((events & (EpollEvents.Out | EpollEvents.Error | EpollEvents.HangUp)) == 0)
        {
            return;
        }

        int error;
        int length = sizeof(int);
        if (Libc.GetSocketOption(Socket, Libc.SOL_SOCKET, Libc.SO_ERROR, &error, &length) < 0)
        {
            error = Libc.Errno;
        }

        if (error != 0 || IsConnected)
        {
            End(error);
        }
    }

    protected override unsafe void Start()
    {
        fixed (byte* bytes = address.Span)
        {
            int errno = Libc.Connect(Socket, bytes, address.Length) == 0 ? 0 : Libc.Errno;
            if (errno == Libc.EINPROGRESS)
            {
                _place = Worker.Add(this, Socket);
            }
            else
            {
                Finish(errno);
            }
        }
    }

    protected override void Cancel() => End(Libc.ECANCELED);

    // The descriptor stays open: it becomes a connection's, or is closed by whoever made it.
    private void End(int errno)
    {
        Worker.Remove(_place, Socket);
        Finish(errno);
    }
}
