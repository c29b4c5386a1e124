using System.Runtime.InteropServices;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>
/// The receive buffers of a worker, all of its connections' together: the kernel picks one when data is there, so an idle connection holds none.
/// Where the kernel can (6.12), it fills a buffer bit by bit, with whatever comes for anybody. It uses them in turn, so all that it has are touched sooner or
/// later: it is given few to begin with, and more when they run out. Memory follows the bytes received.
/// </summary>
/// <remarks>
/// A buffer is the kernel's from <see cref="Add"/> until the completion that uses up its rest; what lies before the place that it
/// fills is ours to read. The memory is our own, never moves, and is freed after the ring.
/// </remarks>
internal sealed unsafe class BufferRing : IDisposable
{
    /// <summary>Bytes of one buffer: as large as a read can usefully be, so that a pile of frames is one completion.</summary>
    public const int BufferSize = 65_536;

    public const ushort Group = 0;

    // 256 KiB: 4,000 bytes for each of 64 connections at once. Before 6.12, four connections at once.
    private const int FirstCount = 4;

    private readonly BufferEntry* _ring;
    private readonly byte* _buffers;
    private readonly int[] _filled;
    private readonly int _mask;
    private readonly bool _incremental;
    private int _count;     // those of lower number are in use
    private ushort _tail;

    /// <param name="ring">Where it is registered, once.</param>
    /// <param name="count">The most buffers: a power of two, up to 32,768.</param>
    /// <exception cref="PlatformNotSupportedException">The kernel has no buffer rings.</exception>
    public BufferRing(Ring ring, int count)
    {
        _mask = count - 1;
        _filled = new int[count];
        nuint pageSize = (nuint)Environment.SystemPageSize;     // what the kernel wants a ring to begin at: 4, 16 or 64 KiB on arm64
        nuint ringSize = (nuint)(count * sizeof(BufferEntry));
        nuint buffersAt = (ringSize + pageSize - 1) & ~(pageSize - 1);
        _ring = (BufferEntry*)NativeMemory.AlignedAlloc(buffersAt + ((nuint)count * BufferSize), pageSize);
        NativeMemory.Clear(_ring, ringSize);
        _buffers = (byte*)_ring + buffersAt;
        int errno = Register(ring, count, IoUringAbi.BufferRingIncremental);
        _incremental = errno == 0;
        if (errno == Libc.EINVAL)
        {
            errno = Register(ring, count, 0);
        }

        if (errno != 0)
        {
            Dispose();
            throw SocketErrors.IsShortage(errno)
                ? SocketErrors.From(errno)
                : new PlatformNotSupportedException($"provided buffer rings are missing (errno {errno})");
        }

        AddUpTo(Math.Min(count, FirstCount));
    }

    /// <summary>They ran out: doubles them, up to the most.</summary>
    public void Grow() => AddUpTo(Math.Min(_count * 2, _mask + 1));

    /// <summary>The bytes of a completion; lent until <see cref="Return"/>.</summary>
    public ReadOnlySpan<byte> Bytes(in CompletionEntry completion)
    {
        int id = Id(completion);
        return new ReadOnlySpan<byte>(_buffers + ((nint)id * BufferSize) + _filled[id], completion.Result);
    }

    /// <summary>The bytes of a completion are done with; a buffer that is used up goes back to the kernel.</summary>
    public void Return(in CompletionEntry completion)
    {
        int id = Id(completion);
        if ((completion.Flags & IoUringAbi.CompletionBufferMore) != 0)
        {
            _filled[id] += completion.Result;
            return;
        }

        _filled[id] = 0;
        Add(id);
        Publish();
    }

    /// <summary>A receive brought no bytes. Kernels before 6.12 use a buffer up all the same when it found nothing; later ones name it, and keep it.</summary>
    public void ReturnUnused(in CompletionEntry completion)
    {
        if (!_incremental && (completion.Flags & IoUringAbi.CompletionBuffer) != 0)
        {
            Return(completion);
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(_ring);

    private static int Id(in CompletionEntry completion) => (int)(completion.Flags >> IoUringAbi.CompletionBufferShift);

    private int Register(Ring ring, int count, ushort flags)
    {
        var registration = new BufferRingRegistration { Address = (ulong)_ring, Entries = (uint)count, Group = Group, Flags = flags };
        return ring.Register(IoUringAbi.RegisterBufferRing, &registration, 1);
    }

    private void AddUpTo(int count)
    {
        for (; _count < count; _count++)
        {
            Add(_count);
        }

        Publish();
    }

    private void Add(int id)
    {
        // Field by field: the last field of the first entry is the tail.
        BufferEntry* entry = &_ring[_tail & _mask];
        entry->Address = (ulong)(_buffers + ((nint)id * BufferSize));
        entry->Length = BufferSize;
        entry->Id = (ushort)id;
        _tail++;
    }

    private void Publish() => Volatile.Write(ref _ring->Tail, _tail);
}
