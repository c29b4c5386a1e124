namespace Iocp.Core.Engines.Sockets;

/// <summary>
/// Whether a connection's next receive is put off until others have had their turn on the thread pool. A peer that was answered asks again, and while the pool sees to others its
/// bytes arrive: then one call reads them, without a wait, the runtime's wake-up for it, and its way to the pool. The busier the pool, the more often that is so; where it
/// is not, it is tried ever more rarely. Of one connection; not thread-safe.
/// </summary>
internal struct PutOffReceives
{
    // After so many tries in a row that found nothing, one receive in 64 is put off.
    private const int MaxMisses = 6;

    private byte _misses;
    private byte _notPutOff;

    /// <summary>Whether the receive at hand was put off: try whether there is something.</summary>
    public bool IsDue { get; private set; }

    /// <summary>Decides about the next receive.</summary>
    public bool Next()
    {
        if (_notPutOff < (1 << _misses) - 1)
        {
            _notPutOff++;
            return false;
        }

        _notPutOff = 0;
        IsDue = true;
        return true;
    }

    /// <summary>A receive that was put off was tried.</summary>
    public void OnTried(bool found)
    {
        IsDue = false;
        _misses = found ? (byte)0 : (byte)Math.Min(_misses + 1, MaxMisses);
    }

    public void Reset() => this = default;
}
