using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Iocp.Core;

/// <summary>
/// The bytes that wait for the rest of their frame. Up to <see cref="InlineCapacity"/> of them live in the structure itself, so a partial
/// header rents nothing; more live in a rented buffer that is at most twice as long.
/// </summary>
internal struct FrameTail
{
    public const int InlineCapacity = 16;

    private InlineBytes _inline;
    private byte[]? _rented;
    private int _start;
    private int _length;

    public readonly int Length => _length;

    public readonly bool IsEmpty => _length == 0;

    public readonly int Capacity => _rented?.Length ?? 0;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => _rented is null
        ? ((ReadOnlySpan<byte>)_inline).Slice(_start, _length)
        : _rented.AsSpan(_start, _length);

    public void Append(ReadOnlySpan<byte> bytes, ArrayPool<byte> pool)
    {
        int length = checked(_length + bytes.Length);
        int capacity = _rented?.Length ?? InlineCapacity;
        if (_start + length > capacity)
        {
            if (length > capacity)
            {
                Move(length, pool);
            }
            else
            {
                Bytes.CopyTo(_rented ?? (Span<byte>)_inline);
                _start = 0;
            }
        }

        bytes.CopyTo((_rented ?? (Span<byte>)_inline)[(_start + _length)..]);
        _length = length;
    }

    public void Advance(int count)
    {
        _start += count;
        _length -= count;
    }

    /// <summary>Forgets the bytes; whoever holds a span of them may go on reading until <see cref="Release"/>.</summary>
    public void Clear() => _start = _length = 0;

    /// <summary>Restores the bound on the capacity after bytes were taken.</summary>
    public void Trim(ArrayPool<byte> pool)
    {
        if (_rented is not null && _rented.Length > 2L * _length)
        {
            Move(_length, pool);
        }
    }

    /// <summary>Gives the buffer of an empty tail back.</summary>
    public void Release(ArrayPool<byte> pool)
    {
        if (_rented is { } rented)
        {
            _rented = null;
            pool.Return(rented);
        }
    }

    private void Move(int capacity, ArrayPool<byte> pool)
    {
        byte[]? target = capacity <= InlineCapacity ? null : pool.Rent(RoundUp(capacity));
        Bytes.CopyTo(target ?? (Span<byte>)_inline);
        Release(pool);
        _rented = target;
        _start = 0;
    }

    // A pool may return just what was asked for (the runtime's does above 1 GiB): by powers of two, and then the longest array, what is copied to grow stays linear in the bytes received.
    private static int RoundUp(int capacity)
        => capacity > 1 << 30 ? Array.MaxLength : (int)BitOperations.RoundUpToPowerOf2((uint)capacity);

    [InlineArray(InlineCapacity)]
    private struct InlineBytes
    {
        private byte _first;
    }
}
