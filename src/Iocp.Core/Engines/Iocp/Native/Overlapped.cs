using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>OVERLAPPED: the kernel's part of an operation; not to be touched or moved until the completion was seen.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Overlapped
{
    /// <summary>The NTSTATUS: 0 is success, everything else is treated as failure.</summary>
    public nuint Internal;
    public nuint InternalHigh;
    public ulong Offset;
    public nint Event;
}

/// <summary>OVERLAPPED_ENTRY: one completion of a batch.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OverlappedEntry
{
    public nuint Key;
    public Overlapped* Overlapped;
    public nuint Internal;
    public uint Bytes;
}

/// <summary>WSABUF: one piece of a gathered send, or where a receive goes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WsaBuffer
{
    public uint Length;
    public byte* Buffer;
}

/// <summary>WSAPROTOCOL_INFOW: what the provider of a socket can do; only its first field is looked at.</summary>
[StructLayout(LayoutKind.Sequential, Size = 628)]
internal struct WsaProtocolInfo
{
    public uint ServiceFlags1;
}

/// <summary>The native block of an operation. Invariant: OVERLAPPED is the first field, so its address is the block's; one cache line, the payload follows.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct OperationBlock
{
    public Overlapped Overlapped;

    /// <summary>The GCHandle of the <see cref="Operation"/>, made once for the life of the block and not for each operation.</summary>
    public nint Owner;
}
