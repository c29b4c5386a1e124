using BenchmarkDotNet.Attributes;
using Iocp.Core;

namespace Framing.Benchmarks;

/// <summary>The pull queue without its waiting: copy 64 frames into leases, enqueue, take and release them. Times are for one frame.</summary>
[MemoryDiagnoser]
public class ReceiveQueueBenchmarks
{
    private const int Frames = 64;

    private readonly byte[] _bytes = new byte[76];
    private readonly FrameLeasePool _leases = new(new PinnedArrayPool(), 1024);
    private readonly ReceiveQueue _queue = new(65_536, 50_000_000, new Owner());

    [Benchmark(OperationsPerInvoke = Frames)]
    public int EnqueueTakeRelease()
    {
        for (int i = 0; i < Frames; i++)
            _queue.TryEnqueue(_leases.Rent(new Frame(_bytes, i, 0), connection: null));
        _queue.Signal();
        int taken = 0;
        for (; _queue.TryTake(out FrameLease? lease); taken++)
            lease.Release();
        return taken;
    }

    private sealed class Owner : IReceiveQueueOwner
    {
        public void Admitted(Connection? connection)
        {
        }

        public bool Taken(FrameLease lease) => true;
    }
}
