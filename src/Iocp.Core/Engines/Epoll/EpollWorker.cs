using System.Runtime.InteropServices;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.Epoll;

/// <summary>
/// One epoll instance on one thread, edge-triggered: each descriptor is added once and never changed, and its owner remembers what the edges
/// said. All connections read into the worker's one buffer and are decoded there.
/// </summary>
internal sealed class EpollWorker : Worker
{
    /// <summary>Bytes of one read. More than a socket's default receive buffer seldom holds at once.</summary>
    public const int ReceiveBufferSize = 131_072;

    private const int MaxEvents = 256;
    private const ulong WakeUp = ulong.MaxValue;
    private const int EpollAdd = 1;
    private const int EpollDelete = 2;
    private const int EpollCloseOnExec = 0x80000;

    private readonly Descriptor _epoll;
    private readonly Descriptor _wakeUp;
    private readonly EpollEvents _events = new(MaxEvents);
    private readonly EpollEvents _control = new(1);
    private readonly PlaceTable<IEpollTarget> _targets = new();

    public EpollWorker(int index, FrameHost host)
        : base($"epoll worker {index}", host)
    {
        try
        {
            _epoll = Descriptor.From(Libc.EpollCreate(EpollCloseOnExec));
            _wakeUp = Descriptor.From(Libc.EventDescriptor(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK));
            Control(EpollAdd, _wakeUp.Value, EpollEvents.In | EpollEvents.EdgeTriggered, WakeUp);
        }
        catch
        {
            Dispose();      // of as much as there is
            throw;
        }
    }

    /// <summary>What everybody on this worker reads into; what is in it is lent for one callback. Native memory, so it never moves.</summary>
    public unsafe byte* ReceiveBuffer { get; } = (byte*)NativeMemory.AlignedAlloc(ReceiveBufferSize, 4096);

    /// <summary>What everybody on this worker gathers sends in.</summary>
    public List<ArraySegment<byte>> Gathered { get; } = new(GatheredSend.MaxBuffers);

    /// <summary>Adds a descriptor; every change from now on is told. Returns its place.</summary>
    public int Add(IEpollTarget target, int descriptor)
    {
        int place = _targets.Add(target);
        try
        {
            Control(EpollAdd, descriptor, EpollEvents.In | EpollEvents.Priority | EpollEvents.Out | EpollEvents.RemoteHangUp | EpollEvents.EdgeTriggered, (ulong)place);
        }
        catch
        {
            _targets.Remove(place);
            throw;
        }

        return place;
    }

    /// <summary>Forgets the owner of a descriptor that is about to be closed: by that it leaves the epoll instance.</summary>
    public void Remove(int place) => _targets.Remove(place);

    /// <summary>Forgets the owner of a descriptor that stays open.</summary>
    public void Remove(int place, int descriptor)
    {
        Control(EpollDelete, descriptor, 0, 0);
        Remove(place);
    }

    public override unsafe void Dispose()
    {
        _epoll?.Dispose();
        _wakeUp?.Dispose();
        _events.Dispose();
        _control.Dispose();
        NativeMemory.AlignedFree(ReceiveBuffer);
    }

    protected override unsafe bool Poll(bool mayBlock)
    {
        int count = Libc.EpollWait(_epoll.Value, _events.Pointer, MaxEvents, mayBlock ? -1 : 0);
        if (count < 0)
        {
            if (Libc.Errno != Libc.EINTR)
            {
                throw SocketErrors.From(Libc.Errno);
            }

            return false;
        }

        for (int i = 0; i < count; i++)
        {
            (uint events, ulong data) = _events[i];
            if (data != WakeUp)     // its counter is never read: each write to it is an edge
            {
                try
                {
                    _targets[(int)data]?.OnEvents(events);
                }
                catch (Exception exception)
                {
                    OnWorkFailed(exception);
                }
            }
        }

        return count > 0;
    }

    protected override void Wake() => _wakeUp.Signal();

    private unsafe void Control(int operation, int descriptor, uint events, ulong data)
    {
        _control[0] = (events, data);
        if (Libc.EpollControl(_epoll.Value, operation, descriptor, _control.Pointer) < 0)
        {
            throw SocketErrors.From(Libc.Errno);
        }
    }
}
