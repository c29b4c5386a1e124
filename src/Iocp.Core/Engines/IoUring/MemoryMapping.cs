using System.Runtime.InteropServices;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>Memory that a ring shares with the kernel.</summary>
internal sealed unsafe class MemoryMapping : SafeHandle
{
    private readonly nint _length;

    public MemoryMapping(int ring, long offset, nint length)
        : base(-1, ownsHandle: true)
    {
        const int readAndWrite = 3;
        const int sharedAndPopulated = 0x8001;
        _length = length;
        SetHandle(Libc.MemoryMap(null, length, readAndWrite, sharedAndPopulated, ring, offset));
        if (IsInvalid)
        {
            throw SocketErrors.From(Libc.Errno);
        }
    }

    public override bool IsInvalid => handle == -1;

    public byte* Pointer => (byte*)handle;

    protected override bool ReleaseHandle() => Libc.MemoryUnmap(handle, _length) == 0;
}
