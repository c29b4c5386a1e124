using System.Net;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>
/// The direct descriptors of a ring: open files that operations of this ring name by their place, and that are none of the process's descriptors.
/// The kernel lets a table have as many places as the process may have descriptors, for each ring anew.
/// </summary>
internal sealed unsafe class FileTable : IDisposable
{
    public const int NoAddressLength = 16;

    private const int MaxPlaces = 1 << 20;  // IORING_MAX_FIXED_FILES

    private readonly Ring _ring;
    private readonly byte[] _lastAddress = new byte[Libc.MaxAddressLength];
    private int _lastAddressLength;
    private EndPoint? _lastEndPoint;

    /// <param name="ring">Its ring; used on the ring's thread only.</param>
    /// <param name="size">Up to <see cref="MaxSize"/>.</param>
    public FileTable(Ring ring, int size)
    {
        _ring = ring;
        Size = size;
        var registration = new FileTableRegistration { Count = (uint)size, Flags = IoUringAbi.FilesSparse };
        int errno = ring.Register(IoUringAbi.RegisterFiles, &registration, sizeof(FileTableRegistration));
        if (errno != 0)
        {
            throw SocketErrors.From(errno);
        }

        NoAddress = (byte*)NativeMemory.AllocZeroed(NoAddressLength);
    }

    /// <summary>Places that a table may have in this process.</summary>
    public static int MaxSize => (int)Math.Min(DescriptorReserve.ReadLimit() ?? MaxPlaces, MaxPlaces);

    public int Size { get; }

    /// <summary>The address of the family AF_UNSPEC: to connect a TCP socket to it resets its connection, see connect(2).</summary>
    public byte* NoAddress { get; }

    /// <summary>Puts the file of a descriptor into a place that is free; the descriptor may be closed then. False: there is no such place, or no memory.</summary>
    public bool TrySet(int place, int descriptor)
    {
        var update = new FileTableUpdate { Offset = (uint)place, Descriptors = &descriptor };
        return place < Size && _ring.Register(IoUringAbi.RegisterFilesUpdate, &update, 1) == 0;
    }

    /// <summary>Where a socket is bound. One object for all that are bound alike, as those are that one listener accepted.</summary>
    public EndPoint? LocalEndPoint(int socket)
    {
        byte* address = stackalloc byte[Libc.MaxAddressLength];
        int length = Libc.MaxAddressLength;
        if (Libc.GetSocketName(socket, address, &length) < 0)
        {
            return null;
        }

        var bytes = new ReadOnlySpan<byte>(address, length);
        if (!bytes.SequenceEqual(_lastAddress.AsSpan(0, _lastAddressLength)))
        {
            _lastEndPoint = PeerAddress.ToEndPoint(bytes);      // first: there may be no memory for it, and the address would stand for another end point
            bytes.CopyTo(_lastAddress);
            _lastAddressLength = length;
        }

        return _lastEndPoint;
    }

    /// <summary>After the ring.</summary>
    public void Dispose() => NativeMemory.Free(NoAddress);
}
