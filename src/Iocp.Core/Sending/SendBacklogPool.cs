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

    public SendBacklog Rent() => _backlogs.TryDequeue(out SendBacklog? backlog) ? backlog : new SendBacklog(this);

    public void Return(SendBacklog backlog) => _backlogs.TryEnqueue(backlog);
}
