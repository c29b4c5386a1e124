using System.Buffers;

namespace Iocp.Core;

/// <summary>Bounded: segments that do not fit are left to the garbage collector, their large buffers go back to the buffer pool.</summary>
internal sealed class SendSegmentPool(ArrayPool<byte> buffers)
{
    private readonly BoundedQueue<SendSegment> _segments = new(1024);

    public SendSegment Rent(int size)
    {
        if (!_segments.TryDequeue(out SendSegment? segment))
        {
            // More are in use than the pool holds, perhaps one for each of a million connections: no more than is wanted.
            return new SendSegment { Buffer = buffers.Rent(Math.Max(size, SendSegment.MinSize)) };
        }

        if (segment.Buffer.Length < size)
        {
            Drop(segment);
            segment.Buffer = buffers.Rent(Math.Max(size, SendSegment.KeptSize));
        }

        return segment;
    }

    public void Return(SendSegment segment)
    {
        segment.Reset();
        if (segment.Buffer.Length != SendSegment.KeptSize)
        {
            Drop(segment);
        }

        if (!_segments.TryEnqueue(segment))
        {
            Drop(segment);
        }
    }

    /// <summary>Gives every buffer back; for the end of the host.</summary>
    public void Clear()
    {
        while (_segments.TryDequeue(out SendSegment? segment))
        {
            Drop(segment);
        }
    }

    private void Drop(SendSegment segment)
    {
        if (segment.Buffer.Length > 0)
        {
            buffers.Return(segment.Buffer);
            segment.Buffer = [];
        }
    }
}
