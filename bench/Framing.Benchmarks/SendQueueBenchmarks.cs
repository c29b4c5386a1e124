using BenchmarkDotNet.Attributes;
using Iocp.Core;

namespace Framing.Benchmarks;

/// <summary>The send queue's whole round: append 16 sends, gather them, report them sent, give up the claim. Times are for one send.</summary>
[MemoryDiagnoser]
public class SendQueueBenchmarks
{
    private const int Sends = 16;

    private readonly List<ArraySegment<byte>> _gathered = [];
    private readonly SendBacklogPool _backlogs = new(new PinnedArrayPool(), bound: 1 << 20);
    private SendQueue _queue;
    private byte[] _frame = null!;

    /// <summary>Bytes of a send.</summary>
    [Params(76, 4012)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup() => _frame = new byte[Length];

    [Benchmark(OperationsPerInvoke = Sends)]
    public long AppendGatherComplete()
    {
        for (int i = 0; i < Sends; i++)
            _queue.Append(_backlogs, _frame, sizeHint: Sends * Length, claim: false);
        _queue.TryClaim();
        while (_queue.Complete(_queue.Gather(_gathered, maxBuffers: 64, maxBytes: 1 << 20), out _, out _, out _))
        {
        }
        return _queue.BytesSent;
    }
}
