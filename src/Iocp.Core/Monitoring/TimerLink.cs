namespace Iocp.Core;

/// <summary>
/// An entry's place on the wheel, inside the entry: 24 bytes. The default value is an entry that is on no list. Guarded by the wheel's lock.
/// </summary>
internal struct TimerLink<T> where T : class, ITimerEntry<T>
{
    /// <summary>50 bits: three million years of ticks.</summary>
    internal const long MaxTick = (1L << 50) - 1;

    private const int BucketBits = 10;
    private const int FlagBits = 4;

    internal T? Next;
    internal T? Previous;
    private ulong _packed; // tick, bucket, flags

    /// <summary>When it is due.</summary>
    internal long Tick
    {
        readonly get => (long)(_packed >> (BucketBits + FlagBits));
        set => _packed = (_packed & ((1UL << (BucketBits + FlagBits)) - 1)) | ((ulong)value << (BucketBits + FlagBits));
    }

    /// <summary>The list it is on: not to be told from the tick while it is parked.</summary>
    internal int Bucket
    {
        readonly get => (int)(_packed >> FlagBits) & ((1 << BucketBits) - 1);
        set => _packed = (_packed & ~(((1UL << BucketBits) - 1) << FlagBits)) | ((ulong)value << FlagBits);
    }

    /// <summary>It is on a list.</summary>
    internal bool IsQueued
    {
        readonly get => Has(1);
        set => Set(1, value);
    }

    /// <summary>OnTimer is running or about to; it is on no list then.</summary>
    internal bool IsRunning
    {
        readonly get => Has(2);
        set => Set(2, value);
    }

    /// <summary>It was scheduled while it ran; Tick says for when.</summary>
    internal bool IsRescheduled
    {
        readonly get => Has(4);
        set => Set(4, value);
    }

    /// <summary>For good.</summary>
    internal bool IsCancelled
    {
        readonly get => Has(8);
        set => Set(8, value);
    }

    private readonly bool Has(ulong flag) => (_packed & flag) != 0;

    private void Set(ulong flag, bool value) => _packed = value ? _packed | flag : _packed & ~flag;
}
