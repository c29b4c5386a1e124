using System.Buffers;
using Framing.Binary;
using Framing.Properties.Generators;
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

    private static void NothingIsAllocated(IFraming framing, Func<int, byte[]> headFor, int readSize)
    {
        byte[] stream = [.. Enumerable.Range(0, 300).SelectMany(i => headFor(i).Concat(new byte[i]))];
        PinnedArrayPool pool = new(maxRetainedBytes: 1 << 20);
        FrameAssembler assembler = new(framing.CreateDecoder());
        long least = long.MaxValue;
        for (int round = 0; round < 20; round++)    // the first rounds fill the pool, and let the runtime compile what it wants to
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Feed(ref assembler, framing.MaxFrameLength, stream, readSize, pool);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.False(assembler.InsideFrame);
    }

    private static void Feed(ref FrameAssembler assembler, int maxFrameLength, ReadOnlySpan<byte> stream, int readSize, ArrayPool<byte> pool)
    {
        while (!stream.IsEmpty)
        {
            ReadOnlySpan<byte> read = stream[..Math.Min(readSize, stream.Length)];
            stream = stream[read.Length..];
            while (assembler.Next(ref read, pool, maxFrameLength, out _) == AssemblerStatus.Frame)
            {
            }
        }
    }
}
