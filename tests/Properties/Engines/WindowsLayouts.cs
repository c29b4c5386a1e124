using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Iocp;
using Overlapped = Iocp.Core.Engines.Iocp.Overlapped;
using Xunit;

namespace Framing.Properties.Engines;

/// <summary>Structures shared with 64-bit Windows are laid out as its headers say.</summary>
public class WindowsLayouts
{
    [Fact]
    public void Sizes_are_those_of_the_headers()
    {
        Assert.Equal(32, Unsafe.SizeOf<Overlapped>());
        Assert.Equal(32, Unsafe.SizeOf<OverlappedEntry>());
        Assert.Equal(16, Unsafe.SizeOf<WsaBuffer>());
        Assert.Equal(64, Unsafe.SizeOf<OperationBlock>());
        Assert.Equal(628, Unsafe.SizeOf<WsaProtocolInfo>());
    }

    [Theory]
    [InlineData(typeof(Overlapped), nameof(Overlapped.InternalHigh), 8)]
    [InlineData(typeof(Overlapped), nameof(Overlapped.Offset), 16)]
    [InlineData(typeof(Overlapped), nameof(Overlapped.Event), 24)]
    [InlineData(typeof(OverlappedEntry), nameof(OverlappedEntry.Overlapped), 8)]
    [InlineData(typeof(OverlappedEntry), nameof(OverlappedEntry.Internal), 16)]
    [InlineData(typeof(OverlappedEntry), nameof(OverlappedEntry.Bytes), 24)]
    [InlineData(typeof(WsaBuffer), nameof(WsaBuffer.Buffer), 8)]
    [InlineData(typeof(OperationBlock), nameof(OperationBlock.Overlapped), 0)]
    [InlineData(typeof(OperationBlock), nameof(OperationBlock.Owner), 32)]
    public void Fields_are_where_the_headers_put_them(Type structure, string field, int offset)
        => Assert.Equal(offset, (int)Marshal.OffsetOf(structure, field));
}
