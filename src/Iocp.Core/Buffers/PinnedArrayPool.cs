using System.Buffers;
using System.Numerics;

namespace Iocp.Core;

/// <summary>
/// A bounded pool of arrays that the garbage collector never moves, so that their memory can be handed to the kernel without pinning
/// it for each operation. Lengths are powers of two from 16 bytes to 1 MiB; longer ones are passed on to <see cref="ArrayPool{T}.Shared"/>: not
/// pinned, and not under this bound. All members may be called from any thread; up to 1 MiB they take no lock.
/// </summary>
/// <remarks>
/// Where an array that returns finds no room under the bound, idle ones of other lengths give way to it, so that a length which nobody rents any more does
/// not keep the bound to itself; if that is not enough, it is left to the garbage collector, and so is an array that was never returned: forgetting one costs only
/// its reuse. An array must be returned once and not be used afterwards: one above 1 MiB that is returned twice spoils the shared pool for the whole process.
/// Contents of a rented array are arbitrary.
/// </remarks>
public sealed class PinnedArrayPool : ArrayPool<byte>
{
    private const int MinLengthLog2 = 4;
    private const int MaxLengthLog2 = 20;
    private const int MinLength = 1 << MinLengthLog2;
    private const int MaxLength = 1 << MaxLengthLog2;

    /// <summary>The most idle arrays that give way to one that returns, so that no return takes long: 1 MiB of 1-KiB ones. The room that shorter ones leave adds up.</summary>
    private const int MaxDropped = 1024;

    private readonly Bucket[] _buckets = new Bucket[MaxLengthLog2 - MinLengthLog2 + 1];
    private readonly long _maxRetainedBytes;
    private long _retainedBytes;
    private long _rentedLarge;
    private int _turn;

    /// <summary>Makes an empty pool: nothing but its rings (about 30 KB) is allocated until arrays are rented.</summary>
    /// <param name="maxRetainedBytes">The most bytes that idle arrays may hold, over all lengths; 0 retains nothing. Default 64 MiB.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxRetainedBytes"/> is negative.</exception>
    public PinnedArrayPool(long maxRetainedBytes = 64 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxRetainedBytes);
        _maxRetainedBytes = maxRetainedBytes;
        for (int i = 0; i < _buckets.Length; i++)
        {
            _buckets[i] = new Bucket(maxRetainedBytes >> (MinLengthLog2 + i));
        }
    }

    /// <summary>Bytes of the idle arrays in the pool, those of up to 1 MiB; never above the bound.</summary>
    public long RetainedBytes => Volatile.Read(ref _retainedBytes);

    /// <summary>Arrays rented and not yet returned, long ones included, empty ones not. Exact while nobody rents or returns.</summary>
    public long RentedCount
    {
        get
        {
            long rented = Volatile.Read(ref _rentedLarge);
            foreach (Bucket bucket in _buckets)
            {
                rented += Volatile.Read(ref bucket.Rented);
            }

            return rented;
        }
    }

    /// <summary>Rents an array of at least <paramref name="minimumLength"/> bytes.</summary>
    /// <param name="minimumLength">In bytes; 0 gives the empty array, which need not be returned.</param>
    /// <returns>An array whose length is the next power of two (at least 16); above 1 MiB, as long as the shared pool's are.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="minimumLength"/> is negative.</exception>
    public override byte[] Rent(int minimumLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumLength);
        if (minimumLength == 0)
        {
            return [];
        }

        if (minimumLength > MaxLength)
        {
            byte[] large = ArrayPool<byte>.Shared.Rent(minimumLength);
            Interlocked.Increment(ref _rentedLarge);
            return large;
        }

        int index = BucketIndex(minimumLength);
        Bucket bucket = _buckets[index];
        if (bucket.TryTake(out byte[]? array))
        {
            Interlocked.Add(ref _retainedBytes, -array.Length);
        }
        else
        {
            array = GC.AllocateUninitializedArray<byte>(MinLength << index, pinned: true);
        }

        Interlocked.Increment(ref bucket.Rented);
        return array;
    }

    /// <summary>Gives a rented array back. The caller must not use it afterwards.</summary>
    /// <param name="array">An array that <see cref="Rent"/> of this pool gave.</param>
    /// <param name="clearArray">True to overwrite its contents with zeros first.</param>
    /// <exception cref="ArgumentNullException"><paramref name="array"/> is null.</exception>
    /// <exception cref="ArgumentException">The array has a length that this pool never gives; it was not taken.</exception>
    public override void Return(byte[] array, bool clearArray = false)
    {
        ArgumentNullException.ThrowIfNull(array);
        int length = array.Length;
        if (length == 0)
        {
            return;
        }

        if (length > MaxLength)
        {
            ReturnLarge(array, clearArray);
            return;
        }

        if (length < MinLength || !BitOperations.IsPow2(length))
        {
            throw new ArgumentException($"An array of {length} bytes is not from this pool: its lengths are powers of two from {MinLength} to {MaxLength}, or above.", nameof(array));
        }

        if (clearArray)
        {
            Array.Clear(array);
        }

        int index = BucketIndex(length);
        Bucket bucket = _buckets[index];
        Interlocked.Decrement(ref bucket.Rented);
        if ((TryReserve(length) || TryMakeRoom(length, index)) && !bucket.TryAdd(array))
        {
            Interlocked.Add(ref _retainedBytes, -length);
        }
    }

    private void ReturnLarge(byte[] array, bool clearArray)
    {
        try
        {
            ArrayPool<byte>.Shared.Return(array, clearArray);       // refuses a length that it never gives, so that it is not counted either
        }
        catch (OutOfMemoryException)
        {
            // The shared pool makes a place for each thread's arrays when it first needs one. Whoever returns may be in the middle of anything: then the array is the garbage collector's.
        }

        Interlocked.Decrement(ref _rentedLarge);
    }

    private static int BucketIndex(int length) => Math.Max(0, BitOperations.Log2((uint)length - 1) + 1 - MinLengthLog2);

    /// <summary>Takes room before the array is added: so the bound holds at every moment.</summary>
    private bool TryReserve(int length)
    {
        long retained = Volatile.Read(ref _retainedBytes);
        while (retained + length <= _maxRetainedBytes)
        {
            long seen = Interlocked.CompareExchange(ref _retainedBytes, retained + length, retained);
            if (seen == retained)
            {
                return true;
            }

            retained = seen;
        }

        return false;
    }

    // Nothing tells a length that nobody rents any more from one that waits for its next burst. So the one with the most idle bytes gives way, never this one to
    // itself: lengths that do not fit the bound together come to about equal shares, however they alternate. Were it the one unused for longest, each would find
    // that the other had taken all. But first each length has a turn, in which it gives way if it has anything: so what nobody rents is used up, for it never comes
    // back, and those in use lose little, for most turns are of lengths that have nothing idle.
    private bool TryMakeRoom(int length, int index)
    {
        if (length > _maxRetainedBytes)
        {
            return false;
        }

        int other = (int)((uint)Interlocked.Increment(ref _turn) % (uint)_buckets.Length);
        if (_buckets[other].Idle == 0)
        {
            other = Fullest(index);
        }

        if (other == index)
        {
            return false;       // dropping another of its length would gain nothing
        }

        Bucket bucket = _buckets[other];
        for (int dropped = 0; dropped < MaxDropped && bucket.TryTake(out byte[]? idle); dropped++)
        {
            // Invariant: an array is out of its bucket before its bytes are free for another.
            Interlocked.Add(ref _retainedBytes, -idle.Length);
            if (TryReserve(length))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where most bytes are idle; at this index unless another has more.</summary>
    private int Fullest(int index)
    {
        long most = IdleBytes(index);
        for (int i = 0; i < _buckets.Length; i++)
        {
            long bytes = IdleBytes(i);
            if (bytes > most)
            {
                (index, most) = (i, bytes);
            }
        }

        return index;
    }

    private long IdleBytes(int index) => _buckets[index].Idle << (MinLengthLog2 + index);
}
