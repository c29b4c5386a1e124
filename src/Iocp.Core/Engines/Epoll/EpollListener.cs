using System.Net.Sockets;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.Epoll;

/// <summary>Told by an edge that somebody waits in the backlog.</summary>
internal sealed class EpollListener(WorkerEngine engine, EpollWorker worker, Socket socket, ConnectionOrigin origin)
    : WorkerListener(engine, worker, socket, origin), IEpollTarget
{
    private int _place = -1;

    private new EpollWorker Worker => (EpollWorker)base.Worker;

    public void OnEvents(uint events) => Accept();

    protected override void Watch() => _place = Worker.Add(this, Descriptor);

    protected override void Unwatch()
    {
        if (_place >= 0)
        {
            Worker.Remove(_place);
        }

        FinishClose();
    }
}
