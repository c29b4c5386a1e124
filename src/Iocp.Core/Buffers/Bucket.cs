using System.Diagnostics.CodeAnalysis;

namespace Iocp.Core;

/// <summary>
/// The idle arrays of one length. A short ring takes what comes and goes all the time, which also keeps the arrays in use few and
/// warm; a long one for bursts (a receive queue of small frames that fills and drains) is made when the short one first overflows,
/// so that lengths and servers that never see a burst do not pay for it.
/// </summary>
internal sealed class Bucket
{
    private const int ShortCapacity = 64;
    private const int LongCapacity = 65_536;

    private readonly BoundedQueue<byte[]> _short = new(ShortCapacity);
    private readonly int _longCapacity;
    private BoundedQueue<byte[]>? _long;

    /// <summary>Rents less returns of this length.</summary>
    public long Rented;

    /// <param name="maxArrays">As many as the pool's bound in bytes can ever let in.</param>
    public Bucket(long maxArrays) => _longCapacity = (int)Math.Min(LongCapacity, maxArrays - ShortCapacity);

    /// <summary>Arrays waiting here; a guess while others take and add. Read off the rings, so that taking and adding need not count.</summary>
    public long Idle => _short.Count + (Volatile.Read(ref _long)?.Count ?? 0);

    public bool TryTake([NotNullWhen(true)] out byte[]? array)
    {
        if (_short.TryDequeue(out array))
        {
            return true;
        }

        BoundedQueue<byte[]>? burst = Volatile.Read(ref _long);
        return burst is not null && burst.TryDequeue(out array);
    }

    /// <summary>False: no room. Throws nothing, so that whoever gives an array back may be in the middle of anything.</summary>
    public bool TryAdd(byte[] array) => _short.TryEnqueue(array) || Long()?.TryEnqueue(array) == true;

    private BoundedQueue<byte[]>? Long()
    {
        BoundedQueue<byte[]>? burst = Volatile.Read(ref _long);
        if (burst is null && _longCapacity > 0)
        {
            try
            {
                BoundedQueue<byte[]> made = new(_longCapacity);
                burst = Interlocked.CompareExchange(ref _long, made, null) ?? made;
            }
            catch (OutOfMemoryException)
            {
                // Then what it would have kept is the garbage collector's.
            }
        }

        return burst;
    }
}
