using System.Buffers;
using BenchmarkDotNet.Attributes;
using Iocp.Core;

namespace Framing.Benchmarks;

/// <summary>Our pool of arrays beside the runtime's, whose arrays are not pinned.</summary>
[MemoryDiagnoser]
public class PinnedArrayPoolBenchmarks
{
    private readonly PinnedArrayPool _pinned = new();

    /// <summary>Bytes asked for.</summary>
    [Params(64, 16_384)]
    public int Length { get; set; }

    [Benchmark]
    public void Pinned() => _pinned.Return(_pinned.Rent(Length));

    [Benchmark(Baseline = true)]
    public void Shared() => ArrayPool<byte>.Shared.Return(ArrayPool<byte>.Shared.Rent(Length));
}
