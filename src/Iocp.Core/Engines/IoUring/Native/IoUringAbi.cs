using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.IoUring;

/// <summary>struct io_uring_sqe (linux/io_uring.h), the fields that we use; 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct SubmissionEntry
{
    [FieldOffset(0)] public Operation Operation;
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public ushort IoPriority;      // flags of the operation, for receive
    [FieldOffset(4)] public int Descriptor;
    [FieldOffset(8)] public ulong Offset;           // connect: length of the address
    [FieldOffset(16)] public ulong Address;
    [FieldOffset(24)] public uint Length;
    [FieldOffset(28)] public uint OperationFlags;
    [FieldOffset(32)] public ulong UserData;
    [FieldOffset(40)] public ushort BufferGroup;
    [FieldOffset(44)] public uint FileIndex;        // close: place in the file table, plus one
}

/// <summary>struct io_uring_cqe; 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionEntry
{
    public ulong UserData;
    public int Result;      // or -errno
    public uint Flags;
}

/// <summary>struct io_uring_buf; 16 bytes. The last field of the first entry of a ring is the ring's tail.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BufferEntry
{
    public ulong Address;
    public uint Length;
    public ushort Id;
    public ushort Tail;
}

/// <summary>struct io_uring_buf_reg; 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BufferRingRegistration
{
    public ulong Address;
    public uint Entries;
    public ushort Group;
    public ushort Flags;
    public ulong Reserved0;
    public ulong Reserved1;
    public ulong Reserved2;
}

/// <summary>struct io_uring_rsrc_register; 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileTableRegistration
{
    public uint Count;
    public uint Flags;
    public ulong Reserved;
    public ulong Data;
    public ulong Tags;
}

/// <summary>struct io_uring_files_update; 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FileTableUpdate
{
    public uint Offset;
    public uint Reserved;
    public int* Descriptors;
}

/// <summary>struct io_uring_params; 120 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingParameters
{
    public uint SubmissionEntries;
    public uint CompletionEntries;
    public SetupFlags Flags;
    public uint ThreadProcessor;
    public uint ThreadIdle;
    public uint Features;
    public uint WorkQueueDescriptor;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;
    public SubmissionOffsets Submission;
    public CompletionOffsets Completion;
}

/// <summary>struct io_sqring_offsets; 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SubmissionOffsets
{
    public uint Head;
    public uint Tail;
    public uint RingMask;
    public uint RingEntries;
    public uint Flags;
    public uint Dropped;
    public uint Array;
    public uint Reserved;
    public ulong UserAddress;
}

/// <summary>struct io_cqring_offsets; 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionOffsets
{
    public uint Head;
    public uint Tail;
    public uint RingMask;
    public uint RingEntries;
    public uint Overflow;
    public uint Entries;
    public uint Flags;
    public uint Reserved;
    public ulong UserAddress;
}

/// <summary>IORING_OP_*</summary>
internal enum Operation : byte
{
    PollAdd = 6,
    SendMessage = 9,
    AsyncCancel = 14,
    Connect = 16,
    Close = 19,
    Read = 22,
    Send = 26,
    Receive = 27,
    Shutdown = 34,                  // 5.11
}

/// <summary>IORING_SETUP_*</summary>
[Flags]
internal enum SetupFlags : uint
{
    None = 0,
    CompletionQueueSize = 1 << 3,
    SubmitAll = 1 << 7,             // 5.18
    CoopTaskRun = 1 << 8,           // 5.19
    SingleIssuer = 1 << 12,         // 6.0
    DeferTaskRun = 1 << 13,         // 6.1
    NoSubmissionArray = 1 << 16,    // 6.6
}

/// <summary>The other numbers of linux/io_uring.h.</summary>
internal static class IoUringAbi
{
    // System call numbers, equal on x64 and arm64.
    public const int Setup = 425;
    public const int Enter = 426;
    public const int Register = 427;

    public const int RegisterFilesUpdate = 6;
    public const int RegisterProbe = 8;
    public const int RegisterFiles = 13;            // IORING_REGISTER_FILES2
    public const int RegisterBufferRing = 22;
    public const ushort BufferRingIncremental = 2;  // IOU_PBUF_RING_INC, 6.12

    public const uint FilesSparse = 1 << 0;         // IORING_RSRC_REGISTER_SPARSE, 5.19

    public const uint FeatureSingleMap = 1 << 0;
    public const uint FeatureNoDrop = 1 << 1;
    public const uint FeatureReadWriteAttributes = 1 << 16;     // IORING_FEAT_RW_ATTR, 6.14; here only for what came before it
    public const uint EnterGetEvents = 1 << 0;
    public const uint OperationSupported = 1 << 0;

    public const long SubmissionEntriesOffset = 0x10000000;

    public const byte EntryFixedFile = 1 << 0;              // IOSQE_FIXED_FILE: Descriptor is a place in the file table
    public const byte EntryLink = 1 << 2;                   // IOSQE_IO_LINK: the next entry begins when this one has succeeded
    public const byte EntryBufferSelect = 1 << 5;           // IOSQE_BUFFER_SELECT
    public const byte EntrySkipSuccess = 1 << 6;            // IOSQE_CQE_SKIP_SUCCESS: only a failure is told, and then nothing of what is linked behind
    public const uint PollMultishot = 1 << 0;
    public const uint PollIn = 1;                           // POLLIN
    public const uint PollOut = 4;                          // POLLOUT

    public const uint CompletionBuffer = 1 << 0;            // IORING_CQE_F_BUFFER
    public const uint CompletionMore = 1 << 1;              // IORING_CQE_F_MORE: the operation goes on
    public const uint CompletionSocketNonEmpty = 1 << 2;    // IORING_CQE_F_SOCK_NONEMPTY: more was there than was read
    public const uint CompletionBufferMore = 1 << 4;        // IORING_CQE_F_BUF_MORE: the buffer is not used up
    public const int CompletionBufferShift = 16;
}
