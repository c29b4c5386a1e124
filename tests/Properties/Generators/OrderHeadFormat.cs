using Framing.Binary;
using FsCheck;
using FsCheck.Fluent;
using Iocp.Core;
using Orders;

namespace Framing.Properties.Generators;

/// <summary>The sample of docs/your-own-header.md: big-endian, a magic number, a length that counts the header.</summary>
public sealed class OrderHeadFormat(int max) : WireFormat
{
    private const int Magic = 0x4F48;

    public override IFraming Framing { get; } = new PacketFraming<OrderHead>(new PacketFramingOptions<OrderHead> { MaxPayloadLength = max, Name = "orders" });

    public override int HeadSize => 8;

    public override int MaxPayload => max;

    public static byte[] Head(int magic, int kind, uint frameLength) =>
    [
        (byte)(magic >> 8), (byte)magic, (byte)(kind >> 8), (byte)kind,
        (byte)(frameLength >> 24), (byte)(frameLength >> 16), (byte)(frameLength >> 8), (byte)frameLength,
    ];

    public override Gen<byte[]> Frame(byte[] payload) =>
        from kind in Gen.Choose(0, 65535)
        select (byte[])[.. Head(Magic, kind, 8 + (uint)payload.Length), .. payload];

    protected override byte[] WithPayload(byte[] frame, byte[] payload) => [.. Head(Magic, frame[3], 8 + (uint)payload.Length), .. payload];

    public override Gen<(byte[] Head, FrameRejection Rejection)> MalformedHead => Gen.OneOf(
        from magic in Gen.OneOf(Gen.Elements(0, 0x484F, Magic + 1), Gen.Choose(0, 65535)).Where(magic => magic != Magic)
        from length in Length
        select (Head(magic, 3, length), new FrameRejection("FieldOutOfRange", "Magic", magic, Magic)),
        from length in Gen.Choose(0, 7)
        select (Head(Magic, 3, (uint)length), new FrameRejection("FieldOutOfRange", "PayloadLength", length - 8, 0)),
        from length in Length.Where(length => length > max + 8)
        select (Head(Magic, 3, length), new FrameRejection("PayloadTooLong", "PayloadLength", Math.Min(length - 8, int.MaxValue), max)));

    public override Gen<byte[]> AnyHead =>
        from magic in Gen.Frequency((9, Gen.Constant(Magic)), (1, Gen.Choose(0, 65535)))
        from kind in Gen.Choose(0, 65535)
        from length in Gen.OneOf(Length, Gen.Choose(0, 50).Select(length => (uint)length))
        select Head(magic, kind, length);

    public override FrameRejection? Judge(byte[] head, out long frameLength)
    {
        int magic = (head[0] << 8) | head[1];
        frameLength = ((long)head[4] << 24) | ((long)head[5] << 16) | ((long)head[6] << 8) | head[7];
        if (magic != Magic)
        {
            return new FrameRejection("FieldOutOfRange", "Magic", magic, Magic);
        }

        if (frameLength < 8)
        {
            return new FrameRejection("FieldOutOfRange", "PayloadLength", frameLength - 8, 0);
        }

        return frameLength - 8 > max ? new FrameRejection("PayloadTooLong", "PayloadLength", Math.Min(frameLength - 8, int.MaxValue), max) : null;
    }

    public override string ToString() => $"OrderHead(max {max})";

    private Gen<uint> Length => Gen.OneOf(
        Gen.Elements((uint)max + 8, (uint)max + 9, 0x7fffffffu, 0x80000000u, 0x80000007u, 0x80000008u, 0xffffffffu),
        Gen.Choose(0, int.MaxValue).Select(length => (uint)length * 2));
}

public sealed class OrderHeadFormats : IWireFormats
{
    public static WireFormat[] All { get; } = [new OrderHeadFormat(8192), new OrderHeadFormat(20), new OrderHeadFormat(1)];
}
