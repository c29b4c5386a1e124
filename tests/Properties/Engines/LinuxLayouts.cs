using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Epoll;
using Iocp.Core.Engines.IoUring;
using Iocp.Core.Engines.Linux;
using Xunit;

namespace Framing.Properties.Engines;

/// <summary>Structures shared with the Linux kernel are laid out as its headers say; equal on x64 and arm64 but for epoll_event.</summary>
public class LinuxLayouts
{
    [Fact]
    public void Sizes_are_the_kernels()
    {
        Assert.Equal(64, Unsafe.SizeOf<SubmissionEntry>());
        Assert.Equal(16, Unsafe.SizeOf<CompletionEntry>());
        Assert.Equal(16, Unsafe.SizeOf<BufferEntry>());
        Assert.Equal(40, Unsafe.SizeOf<BufferRingRegistration>());
        Assert.Equal(32, Unsafe.SizeOf<FileTableRegistration>());
        Assert.Equal(16, Unsafe.SizeOf<FileTableUpdate>());
        Assert.Equal(120, Unsafe.SizeOf<RingParameters>());
        Assert.Equal(40, Unsafe.SizeOf<SubmissionOffsets>());
        Assert.Equal(40, Unsafe.SizeOf<CompletionOffsets>());
        Assert.Equal(56, Unsafe.SizeOf<MessageHeader>());
        Assert.Equal(16, Unsafe.SizeOf<IoVector>());
        Assert.Equal(8, Unsafe.SizeOf<Linger>());
        Assert.Equal(16, Unsafe.SizeOf<PeerAddress>());     // no kernel's, but in every connection
    }

    [Theory]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.Operation), 0)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.Flags), 1)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.IoPriority), 2)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.Descriptor), 4)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.Offset), 8)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.Address), 16)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.Length), 24)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.OperationFlags), 28)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.UserData), 32)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.BufferGroup), 40)]
    [InlineData(typeof(SubmissionEntry), nameof(SubmissionEntry.FileIndex), 44)]
    [InlineData(typeof(FileTableRegistration), nameof(FileTableRegistration.Flags), 4)]
    [InlineData(typeof(FileTableUpdate), nameof(FileTableUpdate.Descriptors), 8)]
    [InlineData(typeof(CompletionEntry), nameof(CompletionEntry.UserData), 0)]
    [InlineData(typeof(CompletionEntry), nameof(CompletionEntry.Result), 8)]
    [InlineData(typeof(CompletionEntry), nameof(CompletionEntry.Flags), 12)]
    [InlineData(typeof(BufferEntry), nameof(BufferEntry.Address), 0)]
    [InlineData(typeof(BufferEntry), nameof(BufferEntry.Length), 8)]
    [InlineData(typeof(BufferEntry), nameof(BufferEntry.Id), 12)]
    [InlineData(typeof(BufferEntry), nameof(BufferEntry.Tail), 14)]
    [InlineData(typeof(BufferRingRegistration), nameof(BufferRingRegistration.Address), 0)]
    [InlineData(typeof(BufferRingRegistration), nameof(BufferRingRegistration.Entries), 8)]
    [InlineData(typeof(BufferRingRegistration), nameof(BufferRingRegistration.Group), 12)]
    [InlineData(typeof(BufferRingRegistration), nameof(BufferRingRegistration.Flags), 14)]
    [InlineData(typeof(RingParameters), nameof(RingParameters.SubmissionEntries), 0)]
    [InlineData(typeof(RingParameters), nameof(RingParameters.CompletionEntries), 4)]
    [InlineData(typeof(RingParameters), nameof(RingParameters.Flags), 8)]
    [InlineData(typeof(RingParameters), nameof(RingParameters.Features), 20)]
    [InlineData(typeof(RingParameters), nameof(RingParameters.Submission), 40)]
    [InlineData(typeof(RingParameters), nameof(RingParameters.Completion), 80)]
    [InlineData(typeof(SubmissionOffsets), nameof(SubmissionOffsets.Head), 0)]
    [InlineData(typeof(SubmissionOffsets), nameof(SubmissionOffsets.Tail), 4)]
    [InlineData(typeof(SubmissionOffsets), nameof(SubmissionOffsets.Array), 24)]
    [InlineData(typeof(CompletionOffsets), nameof(CompletionOffsets.Head), 0)]
    [InlineData(typeof(CompletionOffsets), nameof(CompletionOffsets.Tail), 4)]
    [InlineData(typeof(CompletionOffsets), nameof(CompletionOffsets.Entries), 20)]
    [InlineData(typeof(MessageHeader), nameof(MessageHeader.Vectors), 16)]
    [InlineData(typeof(MessageHeader), nameof(MessageHeader.VectorCount), 24)]
    [InlineData(typeof(MessageHeader), nameof(MessageHeader.Flags), 48)]
    [InlineData(typeof(IoVector), nameof(IoVector.Base), 0)]
    [InlineData(typeof(IoVector), nameof(IoVector.Length), 8)]
    [InlineData(typeof(Linger), nameof(Linger.OnOff), 0)]
    [InlineData(typeof(Linger), nameof(Linger.Seconds), 4)]
    public void Fields_are_where_the_kernel_looks(Type structure, string field, int offset)
        => Assert.Equal(offset, (int)Marshal.OffsetOf(structure, field));

    [Fact]
    public void An_epoll_event_is_packed_on_x64_only()
    {
        Assert.Equal(4, EpollEvents.OffsetOfData(Architecture.X64));
        Assert.Equal(8, EpollEvents.OffsetOfData(Architecture.Arm64));
    }

    [Fact]
    public void Epoll_events_come_back_as_they_were_written()
    {
        using var events = new EpollEvents(3);
        for (int i = 0; i < events.Capacity; i++)
        {
            events[i] = (EpollEvents.In | EpollEvents.EdgeTriggered, ulong.MaxValue - (ulong)i);
        }

        for (int i = 0; i < events.Capacity; i++)
        {
            Assert.Equal((EpollEvents.In | EpollEvents.EdgeTriggered, ulong.MaxValue - (ulong)i), events[i]);
        }
    }
}
