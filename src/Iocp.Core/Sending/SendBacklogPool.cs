using System.Buffers;

namespace Iocp.Core;

/// <summary>Backlogs for the connections that have something to send just now; what is beyond its bound is left to the garbage collector.</summary>
/// <param name="buffers">Where segments get their buffers.</param>
/// <param name="bound">Bytes queued on one connection at which it takes no further send.</param>
internal sealed class SendBacklogPool(ArrayPool<byte> buffers, int bound)
{
    private readonly BoundedQueue<SendBacklog> _backlogs = new(1024);

    public SendSegmentPool Segments { get; } = new(buffers);

    public int Bound => bound;

    /// <param name="size">Bytes likely to be appended before anything is sent.</param>
    public SendBacklog Rent(int size)
    {
        if (!_backlogs.TryDequeue(out SendBacklog? backlog))
        {
            return new SendBacklog(this);
        }

        backlog.DropKept(size);
        return backlog;
    }

    public void Return(SendBacklog backlog)
    {
        if (!_backlogs.TryEnqueue(backlog))
        {
            backlog.DropKept();
        }
    }

    /// <summary>Gives every buffer back; for the end of the host.</summary>
    public void Clear()
    {
        while (_backlogs.TryDequeue(out SendBacklog? backlog))
        {
            backlog.DropKept();
        }

        Segments.Clear();
    }
}
