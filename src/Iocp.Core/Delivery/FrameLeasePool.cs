using System.Buffers;

namespace Iocp.Core;

/// <summary>
/// Leases and their buffers. Bounded: a lease that does not fit is left to the garbage collector, its buffer goes back to the buffer pool. A lease
/// keeps a buffer of up to <see cref="KeptBuffer"/> bytes while it waits here, so that a small frame costs one pool operation.
/// </summary>
internal sealed class FrameLeasePool(ArrayPool<byte> buffers, int capacity)
{
    private const int KeptBuffer = 4096;

    private readonly BoundedQueue<FrameLease> _leases = new(capacity);
    private volatile bool _cleared;

    public FrameLease Rent(in Frame frame, Connection? connection)
    {
        if (!_leases.TryDequeue(out FrameLease? lease))
        {
            lease = new FrameLease(this);
        }

        int length = frame.Bytes.Length;
        if (lease.Buffer.Length < length)
        {
            DropBuffer(lease);
            lease.Buffer = buffers.Rent(length);
        }

        frame.Bytes.CopyTo(lease.Buffer);
        lease.Length = length;
        lease.Index = frame.Index;
        lease.StreamOffset = frame.StreamOffset;
        lease.Connection = connection;
        return lease;
    }

    public void Return(FrameLease lease)
    {
        if (lease.Buffer.Length > KeptBuffer)
        {
            DropBuffer(lease);
        }

        if (!_leases.TryEnqueue(lease))
        {
            DropBuffer(lease);
        }

        if (_cleared)
        {
            DropAll();
        }
    }

    /// <summary>Gives every buffer back, those of leases that return later too; for the end of the host.</summary>
    public void Clear()
    {
        _cleared = true;
        Interlocked.MemoryBarrierProcessWide();     // a lease that returns at this moment is found below, or sees the flag: without a barrier for each that returns
        DropAll();
    }

    private void DropAll()
    {
        while (_leases.TryDequeue(out FrameLease? lease))
        {
            DropBuffer(lease);
        }
    }

    private void DropBuffer(FrameLease lease)
    {
        if (lease.Buffer.Length > 0)
        {
            buffers.Return(lease.Buffer);
            lease.Buffer = [];
        }
    }
}
