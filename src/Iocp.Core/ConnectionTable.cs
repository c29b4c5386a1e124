using System.Diagnostics.CodeAnalysis;

namespace Iocp.Core;

/// <summary>
/// Gives connections their ids and finds them again. Lookup and enumeration take no lock; reserving, publishing and releasing,
/// which happen once for each connection, share one.
/// </summary>
/// <remarks>
/// <para>
/// A slot is one reference and one 64-bit word: generation (40 bits) and, below it, <see cref="InUse"/> or the next free slot
/// (24 bits). The free list is a queue through the slots, so the one freed longest ago is used again first.
/// </para>
/// <para>
/// Why TryGet(id) never returns another generation's item. It reads word, item, word, in this order, and returns the item only if both
/// words are "generation of id, in use". Older item: Release clears the item before it writes the next generation, so who has seen
/// the word of generation g no longer sees an item from before g. Newer item: Publish writes the item of a later generation after
/// that generation's word, so who has seen the item sees that word, and the second look fails. (Generations come round after 2^40
/// uses of one slot, which cannot happen between two looks.)
/// </para>
/// </remarks>
internal sealed class ConnectionTable<T> where T : class
{
    internal const int MaxCapacity = ConnectionId.MaxSlots - 1; // the last index means InUse

    /// <summary>
    /// New slots are preferred while fewer than this many are free: else a lone client that reconnects 100,000 times a second
    /// would be back at generation 1 of its slot in four months.
    /// </summary>
    internal const int MinFreeForReuse = ChunkSize;

    private const int ChunkSize = 1024;
    private const long InUse = ConnectionId.MaxSlots - 1;
    private const long LowBits = ConnectionId.MaxSlots - 1;

    private readonly Lock _lock = new();
    private readonly int _maxConnections;
    private readonly long _firstGeneration;
    private readonly Slot[]?[] _chunks;
    private int _created;   // slots ever used; those above were never given out
    private int _free;      // length of the free list
    private int _firstFree; // valid while _free > 0, and so is _lastFree
    private int _lastFree;

    /// <param name="maxConnections">1 to <see cref="MaxCapacity"/>. Memory is taken as connections come, 16 bytes each.</param>
    /// <param name="firstGeneration">The generation in which a slot starts, 1 to <see cref="ConnectionId.MaxGeneration"/>.</param>
    public ConnectionTable(int maxConnections, long firstGeneration = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxConnections, MaxCapacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(firstGeneration, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstGeneration, ConnectionId.MaxGeneration);
        _maxConnections = maxConnections;
        _firstGeneration = firstGeneration;
        _chunks = new Slot[]?[(maxConnections + ChunkSize - 1) / ChunkSize];
    }

    /// <summary>Slots in use: reserved ones and those with an item.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _created - _free;
            }
        }
    }

    /// <summary>The items present at some moment of the enumeration; one that is there all the time is seen exactly once.</summary>
    public IEnumerable<T> Items
    {
        get
        {
            for (int c = 0; c < _chunks.Length && Volatile.Read(ref _chunks[c]) is { } chunk; c++)
            {
                for (int i = 0; i < chunk.Length; i++)
                {
                    if (Volatile.Read(ref chunk[i].Item) is { } item)
                    {
                        yield return item;
                    }
                }
            }
        }
    }

    /// <summary>Takes a slot for a new connection; false when all are in use.</summary>
    public bool TryReserve(out ConnectionId id)
    {
        lock (_lock)
        {
            bool mayGrow = _created < _maxConnections;
            if (_free == 0 && !mayGrow)
            {
                id = default;
                return false;
            }

            int index;
            long generation;
            if (mayGrow && _free < MinFreeForReuse)
            {
                index = Grow();
                generation = _firstGeneration;
            }
            else
            {
                index = _firstFree;
                long word = SlotAt(index).Word;
                generation = word >> ConnectionId.SlotBits;
                _firstFree = (int)(word & LowBits);
                _free--;
            }

            Volatile.Write(ref SlotAt(index).Word, InUseWord(generation));
            id = new ConnectionId(index, generation);
            return true;
        }
    }

    /// <summary>Makes the item of a reserved slot visible; once for each reservation.</summary>
    public void Publish(ConnectionId id, T item)
    {
        lock (_lock)
        {
            ref Slot slot = ref Held(id);
            if (slot.Item is not null)
            {
                throw new InvalidOperationException($"Connection {id} is already published.");
            }

            Volatile.Write(ref slot.Item, item);
        }
    }

    /// <summary>Ends the id, published or only reserved, and frees its slot.</summary>
    /// <exception cref="InvalidOperationException">The id is stale: released before, or never given out.</exception>
    public void Release(ConnectionId id)
    {
        lock (_lock)
        {
            ref Slot slot = ref Held(id);
            long generation = id.Generation == ConnectionId.MaxGeneration ? 1 : id.Generation + 1; // 0 is nobody's
            slot.Item = null;
            Volatile.Write(ref slot.Word, generation << ConnectionId.SlotBits); // the last in the list: its "next" means nothing
            if (_free++ == 0)
            {
                _firstFree = id.Slot;
            }
            else
            {
                ref long last = ref SlotAt(_lastFree).Word;
                Volatile.Write(ref last, (last & ~LowBits) | (uint)id.Slot);
            }

            _lastFree = id.Slot;
        }
    }

    /// <summary>The item of exactly this id, if it is published and not released. Takes no lock.</summary>
    public bool TryGet(ConnectionId id, [NotNullWhen(true)] out T? item)
    {
        int chunkIndex = id.Slot / ChunkSize;
        if (chunkIndex < _chunks.Length && Volatile.Read(ref _chunks[chunkIndex]) is { } chunk && id.Slot % ChunkSize < chunk.Length)
        {
            ref Slot slot = ref chunk[id.Slot % ChunkSize];
            long word = InUseWord(id.Generation);
            if (Volatile.Read(ref slot.Word) == word)
            {
                item = Volatile.Read(ref slot.Item);
                if (item is not null && Volatile.Read(ref slot.Word) == word)
                {
                    return true;
                }
            }
        }

        item = null;
        return false;
    }

    private static long InUseWord(long generation) => (generation << ConnectionId.SlotBits) | InUse;

    private int Grow()
    {
        int index = _created;
        if (index % ChunkSize == 0)
        {
            Volatile.Write(ref _chunks[index / ChunkSize], new Slot[Math.Min(ChunkSize, _maxConnections - index)]);
        }

        _created++;     // after the allocation, which may fail
        return index;
    }

    private ref Slot SlotAt(int index) => ref _chunks[index / ChunkSize]![index % ChunkSize];

    /// <summary>The slot of an id that is in use, under the lock.</summary>
    private ref Slot Held(ConnectionId id)
    {
        if (id.Slot >= _created || SlotAt(id.Slot).Word != InUseWord(id.Generation))
        {
            throw new InvalidOperationException($"Connection {id} is not in use: it was released before or never given out.");
        }

        return ref SlotAt(id.Slot);
    }

    private struct Slot
    {
        public T? Item;
        public long Word;
    }
}
