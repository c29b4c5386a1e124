using System.Numerics;
using Framing.Binary;
using Framing.Properties.Decoding;
using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Generators;

/// <summary>
/// A valid layout of any shape and a stream for it, all from one seed: legal frames, frames with a bit turned, headers near the limits, chance.
/// The bytes are made without the product's code.
/// </summary>
public sealed class LayoutTraffic
{
    private readonly int _seed;
    private Random _random;

    public LayoutTraffic(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        Layout = MakeLayout();
        Bytes = Stream(_random);
    }

    public HeaderLayout Layout { get; }

    public byte[] Bytes { get; }

    /// <summary>Another stream for the same layout.</summary>
    public byte[] Stream(Random random)
    {
        _random = random;
        List<byte> bytes = [];
        for (int pieces = _random.Next(0, 8); pieces > 0; pieces--)
            bytes.AddRange(Piece());
        return [.. bytes];
    }

    public override string ToString() => $"seed {_seed}: {LayoutText.Json(Layout)}, {Describe.Bytes(Bytes)}";

    /// <summary>A value that the field may have, by its own rules; those of TotalLength are the payload's.</summary>
    public Int128 LegalValue(HeaderField field, int payload)
    {
        if (field.TotalLength is { } rule)
            return rule == TotalLengthRule.EqualsCurrent ? payload : Int128.Min(payload + _random.Next(0, 3), LayoutReference.Greatest(field));
        if (field.Values is { } values)
            return values[_random.Next(values.Count)];
        Int128 least = field.Minimum ?? LayoutReference.Least(field);
        Int128 greatest = field.Maximum ?? LayoutReference.Greatest(field);
        return _random.Next(4) switch
        {
            0 => least,
            1 => greatest,
            _ => least + (Int128)((BigInteger)_random.NextInt64() % ((BigInteger)greatest - (BigInteger)least + 1)),
        };
    }

    /// <summary>A payload's length that the layout allows, less the checksum at its end; near the limits more often than chance would have it. Null: no frame of this layout is short enough to try.</summary>
    public int? LegalPayload()
    {
        int limit = LayoutReference.MaxPayload(Layout);
        int trailer = Layout.Checksum is { Offset: null } ? 4 : 0;
        int least = (int)Int128.Max(trailer, LayoutReference.Addend(Layout));
        if (least > 20_000)
            return null;
        int greatest = Math.Min(limit, least + (_random.Next(10) == 0 ? 2000 : 40));
        return (_random.Next(6) switch { 0 => least, 1 => greatest, _ => _random.Next(least, greatest + 1) }) - trailer;
    }

    private byte[] Piece()
    {
        byte[] frame = Frame();
        switch (_random.Next(14))
        {
            case 0:
                byte[] chance = new byte[_random.Next(1, 40)];
                _random.NextBytes(chance);
                return chance;
            case 1:
                if (frame.Length > 0)
                    frame[_random.Next(frame.Length)] ^= (byte)(1 << _random.Next(8));
                return frame;
            case 2:
                int inHeader = _random.Next(Math.Min(frame.Length, Layout.HeaderSize));
                frame[inHeader] = (byte)(_random.Next(2) * 255);
                return frame;
            case 3:
                LengthField length = Layout.Length!;
                Int128 edge = LayoutReference.MaxPayload(Layout) - LayoutReference.Addend(Layout) + _random.Next(-1, 2);
                LayoutReference.Put(frame, length.Offset, length.Width, length.ByteOrder ?? Layout.ByteOrder, _random.Next(2) == 0 ? edge : _random.Next(0, 6));
                return frame;
            case 4 when Layout.Fields.Count > 0:
                HeaderField field = Layout.Fields[_random.Next(Layout.Fields.Count)];
                Int128[] extremes = [LayoutReference.Least(field), LayoutReference.Greatest(field), -1, 0, (field.Minimum ?? 1) - 1, (field.Maximum ?? 1) + 1];
                LayoutReference.Put(frame, field.Offset, field.Width, field.ByteOrder ?? Layout.ByteOrder, extremes[_random.Next(extremes.Length)]);
                return frame;
            default:
                return frame;
        }
    }

    private byte[] Frame()
    {
        int payload = LegalPayload() ?? 0;
        return LayoutReference.Frame(Layout, payload, _random, field => LegalValue(field, payload + (Layout.Checksum is { Offset: null } ? 4 : 0)));
    }

    private HeaderLayout MakeLayout()
    {
        while (true)
        {
            HeaderLayout layout = MakeAnyLayout();
            try
            {
                layout.Validate();
                return layout;
            }
            catch (ArgumentException)
            {
                // The rules have tests of their own; here only what they let through counts.
            }
        }
    }

    private HeaderLayout MakeAnyLayout()
    {
        int lengthWidth = _random.Next(1, 9);
        int[] widths = [lengthWidth, .. Enumerable.Range(0, _random.Next(0, 5)).Select(_ => _random.Next(1, 9))];
        bool checksumInHeader = _random.Next(4) == 0;
        int[] places = [.. Enumerable.Range(0, widths.Length + (checksumInHeader ? 1 : 0))];
        _random.Shuffle(places);
        int[] offsets = new int[places.Length];
        int size = 0;
        foreach (int place in places)
        {
            size += _random.Next(4) == 0 ? _random.Next(1, 4) : 0;
            offsets[place] = size;
            size += place < widths.Length ? widths[place] : 4;
        }

        size += _random.Next(4) == 0 ? _random.Next(1, 4) : 0;
        LengthCounts counts = (LengthCounts)_random.Next(2);
        return new HeaderLayout
        {
            HeaderSize = size,
            ByteOrder = (ByteOrder)_random.Next(2),
            Length = new LengthField
            {
                Offset = offsets[0],
                Width = lengthWidth,
                ByteOrder = Order(),
                Counts = counts,
                Adjustment = _random.Next(3) == 0 ? _random.Next(-12, 13) : 0,
            },
            Fields = [.. Enumerable.Range(1, widths.Length - 1).Select(i => Field($"F{i}", offsets[i], widths[i]))],
            Checksum = checksumInHeader ? InHeader(offsets[^1], size) : _random.Next(4) == 0 ? AtTheEnd(size) : null,
            MaxPayloadLength = _random.Next(3) switch { 0 => null, 1 => _random.Next(1, 60), _ => _random.Next(1, 5000) },
            BytesToStrip = _random.Next(3) == 0 ? _random.Next(0, size + 1) : 0,
        };
    }

    private ByteOrder? Order() => _random.Next(3) switch { 0 => null, 1 => ByteOrder.BigEndian, _ => ByteOrder.LittleEndian };

    private HeaderField Field(string name, int offset, int width)
    {
        bool signed = _random.Next(2) == 0;
        HeaderField bare = new() { Name = name, Offset = offset, Width = width, ByteOrder = Order(), IsSigned = signed };
        Int128 Any() => LayoutReference.Least(bare) + (Int128)((BigInteger)_random.NextInt64() * 2 % ((BigInteger)LayoutReference.Greatest(bare) - (BigInteger)LayoutReference.Least(bare) + 1));
        Int128[] two = [Any(), Any()];
        Array.Sort(two);
        (Int128? minimum, Int128? maximum, Int128[]? values, TotalLengthRule? total) = _random.Next(6) switch
        {
            0 => (two[0], two[1], null, null),
            1 => (two[0], null, null, null),
            2 => ((Int128?)null, (Int128?)two[1], (Int128[]?)null, (TotalLengthRule?)null),
            3 => (null, null, [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Any())], null),
            4 => (null, null, null, (TotalLengthRule)_random.Next(4)),
            _ => (null, null, null, null),
        };
        return new HeaderField
        {
            Name = name, Offset = offset, Width = width, ByteOrder = bare.ByteOrder, IsSigned = signed,
            Minimum = minimum, Maximum = maximum, Values = values, TotalLength = total,
        };
    }

    private HeaderChecksum InHeader(int offset, int size)
    {
        ChecksumAlgorithm algorithm = (ChecksumAlgorithm)_random.Next(2);
        int after = offset + 4;
        return _random.Next(3) switch
        {
            0 when offset > 0 => new() { Offset = offset, Algorithm = algorithm, ByteOrder = Order(), RangeStart = _random.Next(0, offset), RangeEnd = offset },
            1 when after < size => new() { Offset = offset, Algorithm = algorithm, ByteOrder = Order(), RangeStart = after, RangeEnd = size },
            _ => new() { Offset = offset, Algorithm = algorithm, ByteOrder = Order(), RangeStart = _random.Next(after, size + 1) },
        };
    }

    private HeaderChecksum AtTheEnd(int size) => new()
    {
        Algorithm = (ChecksumAlgorithm)_random.Next(2),
        ByteOrder = Order(),
        RangeStart = _random.Next(0, size),
        RangeEnd = _random.Next(2) == 0 ? null : size,
    };
}

/// <summary>Registered with <c>[Properties(Arbitrary = ...)]</c>. Seeds do not shrink: another seed is another layout.</summary>
public static class LayoutTraffics
{
    public static Arbitrary<LayoutTraffic> Any() => Arb.From(Gen.Choose(0, int.MaxValue).Select(seed => new LayoutTraffic(seed)));
}
