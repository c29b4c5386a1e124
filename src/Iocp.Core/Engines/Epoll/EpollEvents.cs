using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Epoll;

/// <summary>An array of struct epoll_event: 32 bits of events and 64 of data, without padding on x64 only (sys/epoll.h, EPOLL_PACKED).</summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    public const uint In = 1;
    public const uint Priority = 2;
    public const uint Out = 4;
    public const uint Error = 8;
    public const uint HangUp = 0x10;
    public const uint RemoteHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    private static readonly int s_dataOffset = OffsetOfData(RuntimeInformation.ProcessArchitecture);

    private readonly byte* _events;

    public EpollEvents(int capacity)
    {
        Capacity = capacity;
        _events = (byte*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)Size);
    }

    public int Capacity { get; }

    /// <summary>For the kernel; valid until dispose.</summary>
    public void* Pointer => _events;

    private static int Size => s_dataOffset + sizeof(ulong);

    public (uint Events, ulong Data) this[int index]
    {
        get
        {
            byte* entry = _events + (index * Size);
            return (*(uint*)entry, Unsafe.ReadUnaligned<ulong>(entry + s_dataOffset));
        }
        set
        {
            byte* entry = _events + (index * Size);
            *(uint*)entry = value.Events;
            Unsafe.WriteUnaligned(entry + s_dataOffset, value.Data);
        }
    }

    public static int OffsetOfData(Architecture architecture) => architecture is Architecture.X64 or Architecture.X86 ? 4 : 8;

    public void Dispose() => NativeMemory.Free(_events);
}
