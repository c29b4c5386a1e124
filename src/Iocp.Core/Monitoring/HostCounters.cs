using System.Runtime.InteropServices;

namespace Iocp.Core;

/// <summary>
/// Totals of a host. Spread over cells, one for each processor, so that workers do not fight for a cache line; touched once a read or a
/// completed send, not once a frame.
/// </summary>
internal sealed class HostCounters
{
    private static readonly CloseReason[] s_reasons = Enum.GetValues<CloseReason>();

    private readonly Cell[] _cells = new Cell[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount)];
    private readonly long[] _closed = new long[s_reasons.Length];
    private long _accepted;
    private long _sendsRefused;

    private ref Cell Mine => ref _cells[Thread.GetCurrentProcessorId() & (_cells.Length - 1)];

    public void AddAccepted() => Interlocked.Increment(ref _accepted);

    public void AddClosed(CloseReason reason) => Interlocked.Increment(ref _closed[(int)reason]);

    public void AddSendRefused() => Interlocked.Increment(ref _sendsRefused);

    public void AddReceived(int bytes) => Interlocked.Add(ref Mine.BytesReceived, bytes);

    public void AddFramesReceived(long frames) => Interlocked.Add(ref Mine.FramesReceived, frames);

    public void AddSent(int bytes, long sends)
    {
        ref Cell cell = ref Mine;
        Interlocked.Add(ref cell.BytesSent, bytes);
        if (sends > 0)
        {
            Interlocked.Add(ref cell.Sends, sends);
        }
    }

    public FrameHostStatistics Read(int connections, int queuedFrames, long queuedBytes)
    {
        Cell sum = default;
        foreach (ref Cell cell in _cells.AsSpan())
        {
            sum.BytesReceived += Volatile.Read(ref cell.BytesReceived);
            sum.FramesReceived += Volatile.Read(ref cell.FramesReceived);
            sum.BytesSent += Volatile.Read(ref cell.BytesSent);
            sum.Sends += Volatile.Read(ref cell.Sends);
        }

        var closed = new Dictionary<CloseReason, long>();
        foreach (CloseReason reason in s_reasons)
        {
            if (Volatile.Read(ref _closed[(int)reason]) is > 0 and long count)
            {
                closed[reason] = count;
            }
        }

        return new FrameHostStatistics
        {
            Connections = connections,
            Accepted = Volatile.Read(ref _accepted),
            FramesReceived = sum.FramesReceived,
            BytesReceived = sum.BytesReceived,
            FramesSent = sum.Sends,
            BytesSent = sum.BytesSent,
            SendsRefused = Volatile.Read(ref _sendsRefused),
            ReceiveQueueFrames = queuedFrames,
            ReceiveQueueBytes = queuedBytes,
            Closed = closed,
        };
    }

    // Two cache lines apart, since processors fetch lines in pairs.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(0)]
        public long BytesReceived;
        [FieldOffset(8)]
        public long FramesReceived;
        [FieldOffset(16)]
        public long BytesSent;
        [FieldOffset(24)]
        public long Sends;
    }
}
