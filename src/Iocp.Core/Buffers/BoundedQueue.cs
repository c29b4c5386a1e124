using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Iocp.Core;

/// <summary>
/// A bounded first-in-first-out ring for any number of producers and consumers, without a lock and without allocation after
/// construction (after Dmitry Vyukov's bounded MPMC queue).
/// </summary>
/// <remarks>
/// <para>
/// Positions count up from 0 and never wrap; position p lives in slot p mod capacity. A slot's sequence says what may happen to it next:
/// p: it is free for the enqueue of p; p + 1: it holds the item of p; p + capacity: it is free for the next round. Whoever moves
/// <c>Tail</c> (or <c>Head</c>) over p owns the slot until it writes the sequence, which hands the slot on.
/// </para>
/// <para>
/// So an enqueue in progress at the head hides completed ones behind it: TryDequeue then says empty. And a dequeue in progress at the
/// tail's slot makes TryEnqueue say full. Nothing is lost as long as every producer signals its consumers after its own TryEnqueue: the
/// producer that hides the others signals after it has uncovered them.
/// </para>
/// </remarks>
internal sealed class BoundedQueue<T> where T : class
{
    private readonly Slot[] _slots;
    private readonly int _mask;
    private QueueEnds _ends;

    /// <param name="capacity">At least 1; rounded up to a power of two, and to 2 (with one slot, "holds p" and "free for p + 1" are the same number).</param>
    public BoundedQueue(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1 << 30);
        _slots = new Slot[Math.Max(2, (int)BitOperations.RoundUpToPowerOf2((uint)capacity))];
        _mask = _slots.Length - 1;
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].Sequence = i;
        }
    }

    public int Capacity => _slots.Length;

    /// <summary>Items in the ring; while others are at work a guess, but never negative.</summary>
    public long Count
    {
        get
        {
            long head = Volatile.Read(ref _ends.Head);      // first: the tail is never behind a head that was
            return Volatile.Read(ref _ends.Tail) - head;
        }
    }

    /// <summary>False when the ring is full.</summary>
    public bool TryEnqueue(T item)
    {
        long position = Volatile.Read(ref _ends.Tail);
        while (true)
        {
            ref Slot slot = ref _slots[(int)position & _mask];
            long difference = Volatile.Read(ref slot.Sequence) - position;
            if (difference < 0)
            {
                return false; // still holds the item of the round before, or is being emptied
            }

            if (difference == 0)
            {
                long seen = Interlocked.CompareExchange(ref _ends.Tail, position + 1, position);
                if (seen == position)
                {
                    slot.Item = item;
                    Volatile.Write(ref slot.Sequence, position + 1);
                    return true;
                }

                position = seen;
            }
            else
            {
                position = Volatile.Read(ref _ends.Tail); // another producer was faster
            }
        }
    }

    /// <summary>
    /// False when the ring is empty: every enqueue that had completed before was taken by somebody, unless an unfinished one is ahead of it.
    /// </summary>
    public bool TryDequeue([NotNullWhen(true)] out T? item)
    {
        long position = Volatile.Read(ref _ends.Head);
        while (true)
        {
            ref Slot slot = ref _slots[(int)position & _mask];
            long difference = Volatile.Read(ref slot.Sequence) - (position + 1);
            if (difference < 0)
            {
                // Nothing was written at this position. Were it behind the head, its sequence would be past it: so it is the head.
                item = null;
                return false;
            }

            if (difference == 0)
            {
                long seen = Interlocked.CompareExchange(ref _ends.Head, position + 1, position);
                if (seen == position)
                {
                    item = slot.Item!;
                    slot.Item = null; // the ring must not keep alive what it no longer holds
                    Volatile.Write(ref slot.Sequence, position + _slots.Length);
                    return true;
                }

                position = seen;
            }
            else
            {
                position = Volatile.Read(ref _ends.Head); // another consumer was faster
            }
        }
    }

    private struct Slot
    {
        public T? Item;
        public long Sequence;
    }
}

/// <summary>The two ends of a ring, each alone on its cache lines (two of 64 bytes: processors fetch them in pairs). Not nested: generic types have no explicit layout.</summary>
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal struct QueueEnds
{
    [FieldOffset(128)] public long Tail;
    [FieldOffset(256)] public long Head;
}
