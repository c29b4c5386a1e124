using Framing.Binary;
using FsCheck;
using FsCheck.Fluent;
using Iocp.Core;

namespace Framing.Properties.Generators;

/// <summary>PACKET_HEAD under some options.</summary>
public sealed class PacketHeadFormat(IFraming framing, BinaryFramingOptions options) : WireFormat
{
    private readonly int _max = options.MaxPayloadLength;
    private readonly TotalLengthRule _rule = options.TotalLengthRule;
    private readonly ushort[]? _types = options.AllowedTypes?.ToArray();

    public PacketHeadFormat(BinaryFramingOptions options)
        : this(BinaryFraming.Create(options), options)
    {
    }

    public override IFraming Framing => framing;

    public override int HeadSize => 12;

    public override int MaxPayload => _max;

    public static byte[] Head(long total, uint serial, int current, int type) =>
    [
        (byte)total, (byte)(total >> 8), (byte)(total >> 16), (byte)(total >> 24),
        (byte)serial, (byte)(serial >> 8), (byte)(serial >> 16), (byte)(serial >> 24),
        (byte)current, (byte)(current >> 8), (byte)type, (byte)(type >> 8),
    ];

    public override Gen<byte[]> Frame(byte[] payload) =>
        from total in LegalTotal(payload.Length)
        from serial in Serial
        from type in LegalType
        select (byte[])[.. Head(total, serial, payload.Length, type), .. payload];

    protected override byte[] WithPayload(byte[] frame, byte[] payload)
        => [.. Head(payload.Length, frame[4], payload.Length, frame[10] | (frame[11] << 8)), .. payload];

    public override Gen<(byte[] Head, FrameRejection Rejection)> MalformedHead => Gen.OneOf(Malformed().ToArray());

    public override Gen<byte[]> AnyHead =>
        from total in Gen.OneOf(Gen.Choose(-2, _max + 2), Gen.Choose(int.MinValue, int.MaxValue))
        from serial in Serial
        from current in Gen.OneOf(Gen.Choose(0, 40), Near(_max), Gen.Choose(0, 65535))
        from type in Gen.OneOf(LegalType, AnyType)
        select Head(total, serial, current, type);

    public override FrameRejection? Judge(byte[] head, out long frameLength)
    {
        int total = head[0] | (head[1] << 8) | (head[2] << 16) | (head[3] << 24);
        int current = head[8] | (head[9] << 8);
        int type = head[10] | (head[11] << 8);
        frameLength = 12 + current;
        if (_rule != TotalLengthRule.Ignored && total < 0)
        {
            return new FrameRejection("TotalLengthNegative", "TotalLength", total, 0);
        }

        if (_rule == TotalLengthRule.AtLeastCurrent && total < current)
        {
            return new FrameRejection("TotalLengthTooShort", "TotalLength", total, current);
        }

        if (_rule == TotalLengthRule.EqualsCurrent && total != current)
        {
            return new FrameRejection("TotalLengthMismatch", "TotalLength", total, current);
        }

        if (current > _max)
        {
            return new FrameRejection("PayloadTooLong", "CurrentLength", current, _max);
        }

        return _types is null || _types.Contains((ushort)type) ? null : new FrameRejection("TypeNotAllowed", "Type", type);
    }

    public override string ToString() => $"PACKET_HEAD(max {_max}, {_rule}, types {(_types is null ? "any" : string.Join(",", _types))})";

    private static Gen<int> AnyType => Gen.Choose(0, 65535);

    private static Gen<uint> Serial => Gen.Elements(0u, 1u, 2u, 0x7fffffffu, 0x80000000u, 0xffffffffu);

    private Gen<int> LegalType => _types is null ? AnyType : Gen.Elements(_types).Select(type => (int)type);

    private static Gen<int> Near(int value) => Gen.Choose(Math.Max(0, value - 2), Math.Min(65535, value + 2));

    private Gen<int> LegalTotal(int current) => _rule switch
    {
        TotalLengthRule.EqualsCurrent => Gen.Constant(current),
        TotalLengthRule.AtLeastCurrent => Gen.OneOf(Gen.Constant(current), Gen.Choose(current, int.MaxValue)),
        TotalLengthRule.NonNegative => Gen.OneOf(Gen.Constant(0), Gen.Choose(0, int.MaxValue)),
        _ => Gen.OneOf(Gen.Constant(-1), Gen.Choose(int.MinValue, int.MaxValue)),
    };

    // Each kind fixes the field that breaks the rule that must be named, and leaves everything judged later to chance.
    private IEnumerable<Gen<(byte[], FrameRejection)>> Malformed()
    {
        if (_rule != TotalLengthRule.Ignored)
        {
            yield return
                from total in Gen.OneOf(Gen.Elements(-1, int.MinValue), Gen.Choose(int.MinValue, -1))
                from current in Gen.Choose(0, 65535)
                from type in AnyType
                select (Head(total, 1, current, type), new FrameRejection("TotalLengthNegative", "TotalLength", total, 0));
        }

        if (_rule == TotalLengthRule.AtLeastCurrent)
        {
            yield return
                from current in Gen.OneOf(Gen.Choose(1, _max), Gen.Choose(1, 65535))
                from total in Gen.OneOf(Gen.Constant(current - 1), Gen.Choose(0, current - 1))
                from type in AnyType
                select (Head(total, 1, current, type), new FrameRejection("TotalLengthTooShort", "TotalLength", total, current));
        }

        if (_rule == TotalLengthRule.EqualsCurrent)
        {
            yield return
                from current in Gen.OneOf(Gen.Choose(1, _max), Gen.Choose(1, 65535))
                from total in Gen.OneOf(Gen.Elements(current - 1, current + 1), Gen.Choose(current + 1, int.MaxValue))
                from type in AnyType
                select (Head(total, 1, current, type), new FrameRejection("TotalLengthMismatch", "TotalLength", total, current));
        }

        if (_max < 65535)
        {
            yield return
                from current in Gen.OneOf(Gen.Elements(_max + 1, 65535), Gen.Choose(_max + 1, 65535))
                from total in LegalTotal(current)
                from type in AnyType
                select (Head(total, 1, current, type), new FrameRejection("PayloadTooLong", "CurrentLength", current, _max));
        }

        if (_types is not null)
        {
            yield return
                from current in Gen.Choose(0, _max)
                from total in LegalTotal(current)
                from type in AnyType.Where(type => !_types.Contains((ushort)type))
                select (Head(total, 1, current, type), new FrameRejection("TypeNotAllowed", "Type", type));
        }
    }
}

public sealed class PacketHeadFormats : IWireFormats
{
    public static WireFormat[] All { get; } =
    [
        new PacketHeadFormat(new BinaryFramingOptions()),
        new PacketHeadFormat(new PacketFraming<PacketHead>(), new BinaryFramingOptions()),   // the same without options
        new PacketHeadFormat(new BinaryFramingOptions { MaxPayloadLength = 16, TotalLengthRule = TotalLengthRule.NonNegative }),
        new PacketHeadFormat(new BinaryFramingOptions { MaxPayloadLength = 64, TotalLengthRule = TotalLengthRule.EqualsCurrent, AllowedTypes = [1, 2, 500] }),
        new PacketHeadFormat(new BinaryFramingOptions { MaxPayloadLength = 32, TotalLengthRule = TotalLengthRule.Ignored }),
        new PacketHeadFormat(new BinaryFramingOptions { MaxPayloadLength = 65535 }),
        new PacketHeadFormat(new BinaryFramingOptions { MaxPayloadLength = 1, AllowedTypes = [7] }),
    ];
}
