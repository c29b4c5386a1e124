using Framing.Binary;
using Framing.Properties.Generators;
using Framing.Testing.Proving;
using Framing.Xml;
using Iocp.Core;
using Orders;
using Xunit;

namespace Framing.Properties.Decoding;

/// <summary>Decoding in steady state allocates nothing, whole frames and cut ones alike.</summary>
public sealed class DecodingAllocation
{
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(4096)]
    [InlineData(37)]
    [InlineData(1)]
    public void PacketHead(int readSize) => NothingIsAllocated(new PacketFraming<PacketHead>(), i => PacketHeadFormat.Head(i, 1, i, 7), readSize);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(37)]
    public void PacketHead_with_every_rule(int readSize) => NothingIsAllocated(
        BinaryFraming.Create(new BinaryFramingOptions { TotalLengthRule = TotalLengthRule.EqualsCurrent, AllowedTypes = [1, 7] }),
        i => PacketHeadFormat.Head(i, 1, i, 7),
        readSize);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(37)]
    public void OrderHead(int readSize) => NothingIsAllocated(new PacketFraming<OrderHead>(), i => OrderHeadFormat.Head(0x4F48, 1, (uint)i + 8), readSize);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(37)]
    public void Layout(int readSize) => NothingIsAllocated(new LayoutFraming(HeaderLayout.PacketHead), i => PacketHeadFormat.Head(i, 1, i, 7), readSize);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(37)]
    public void FixedSize(int readSize) => NothingIsAllocated(new FixedSizeFraming(10), i => new byte[300 - i], readSize);

    [Fact]
    public void RawChunk() => NothingIsAllocated(XmlFraming.RawChunk(), i => new byte[i + 1], 37);

    [Fact]
    public void Frames_of_more_than_1_MiB() => Assert.Equal(
        new AllocationCheck.Measured(0, Refusal: null, InsideFrame: false),
        AllocationCheck.Measure(new FixedSizeFraming(1_500_000), new byte[6_000_000], size: 65_536, repeats: 1));

    private static void NothingIsAllocated(IFraming framing, Func<int, byte[]> headFor, int readSize)
    {
        byte[] stream = [.. Enumerable.Range(0, 300).SelectMany(i => headFor(i).Concat(new byte[i]))];
        Assert.Equal(new AllocationCheck.Measured(0, Refusal: null, InsideFrame: false), AllocationCheck.Measure(framing, stream, readSize, repeats: 1));
    }
}
