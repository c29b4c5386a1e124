using BenchmarkDotNet.Attributes;
using Iocp.Core;

namespace Framing.Benchmarks;

/// <summary>The registry, with few connections and with many: ids in an order that the processor's caches do not guess.</summary>
[MemoryDiagnoser]
public class ConnectionTableBenchmarks
{
    private const int Lookups = 1024;

    private ConnectionTable<object> _table = null!;
    private ConnectionId[] _ids = null!;

    /// <summary>Connections in the table.</summary>
    [Params(1_000, 1_000_000)]
    public int Connections { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = new ConnectionTable<object>(Connections + 1);
        var ids = new ConnectionId[Connections];
        for (int i = 0; i < ids.Length; i++)
        {
            _table.TryReserve(out ids[i]);
            _table.Publish(ids[i], new object());
        }

        var random = new Random(1);
        _ids = new ConnectionId[Lookups];
        for (int i = 0; i < Lookups; i++)
            _ids[i] = ids[random.Next(ids.Length)];
    }

    /// <summary>Time of one lookup.</summary>
    [Benchmark(OperationsPerInvoke = Lookups)]
    public int TryGet()
    {
        int found = 0;
        foreach (ConnectionId id in _ids)
            found += _table.TryGet(id, out _) ? 1 : 0;
        return found;
    }

    /// <summary>One connection comes and goes.</summary>
    [Benchmark]
    public void ReservePublishRelease()
    {
        _table.TryReserve(out ConnectionId id);
        _table.Publish(id, _table);
        _table.Release(id);
    }
}
