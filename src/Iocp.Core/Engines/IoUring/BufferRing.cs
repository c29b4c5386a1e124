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
    /// <summary>Bytes of the largest read, as large as one can usefully be, so that a pile of frames is one completion. A buffer is as long where it is filled bit by bit.</summary>
    public const int BufferSize = 65_536;

    public const ushort Group = 0;

    // Where each read takes a whole buffer, however short, they are as many times smaller, and as many times more connections read at once: the others try again in the next turn.
    private const int SmallerBy = 4;

    // 256 KiB of 4 MiB: 4,000 bytes for each of 64 connections at once. Before 6.12, sixteen connections at once.
    private const int FirstPart = 16;

    private readonly BufferEntry* _ring;
    private readonly byte* _buffers;
    private readonly int[] _filled;
    private readonly int _size;
    private readonly int _mask;
    private readonly bool _incremental;
    private int _count;     // those of lower number are in use
    private ushort _tail;

    /// <param name="ring">Where it is registered, once.</param>
    /// <param name="largest">The most buffers of <see cref="BufferSize"/>, or the memory of as many: a power of two, up to 8,192.</param>
    /// <param name="incremental">Whether they may be filled bit by bit; they are not before 6.12.</param>
    /// <exception cref="PlatformNotSupportedException">The kernel has no buffer rings.</exception>
    public BufferRing(Ring ring, int largest, bool incremental = true)
    {
        nuint pageSize = (nuint)Environment.SystemPageSize;     // what the kernel wants a ring to begin at: 4, 16 or 64 KiB on arm64
        nuint ringSize = (nuint)(largest * SmallerBy * sizeof(BufferEntry));
        nuint buffersAt = (ringSize + pageSize - 1) & ~(pageSize - 1);
        _ring = (BufferEntry*)NativeMemory.AlignedAlloc(buffersAt + ((nuint)largest * BufferSize), pageSize);
        NativeMemory.Clear(_ring, ringSize);
        _buffers = (byte*)_ring + buffersAt;
        int count = largest;
        int errno = incremental ? Register(ring, count, IoUringAbi.BufferRingIncremental) : Libc.EINVAL;
        _incremental = errno == 0;
        if (errno == Libc.EINVAL)
        {
            count = largest * SmallerBy;
            errno = Register(ring, count, 0);
        }

        if (errno != 0)
        {
            Dispose();
            throw SocketErrors.IsShortage(errno)
                ? SocketErrors.From(errno)
                : new PlatformNotSupportedException($"provided buffer rings are missing (errno {errno})");
        }

        _size = BufferSize / (count / largest);
        _mask = count - 1;
        _filled = new int[count];
        AddUpTo(Math.Max(count / FirstPart, 1));
    }

    /// <summary>They ran out: doubles them, up to the most.</summary>
    public void Grow() => AddUpTo(Math.Min(_count * 2, _mask + 1));

    /// <summary>The bytes of a completion; lent until <see cref="Return"/>.</summary>
    public ReadOnlySpan<byte> Bytes(in CompletionEntry completion)
    {
        int id = Id(completion);
        return new ReadOnlySpan<byte>(_buffers + ((nint)id * _size) + _filled[id], completion.Result);
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
        entry->Address = (ulong)(_buffers + ((nint)id * _size));
        entry->Length = (uint)_size;
        entry->Id = (ushort)id;
        _tail++;
    }

    private void Publish() => Volatile.Write(ref _ring->Tail, _tail);
}
