using System.Runtime.CompilerServices;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>What one field must be, worked out for the decoder; fields that may be anything have none.</summary>
internal readonly struct FieldRule
{
    private readonly ulong _least;
    private readonly ulong _span;               // from the least to the greatest, modulo 2^64: one comparison serves signed and unsigned
    private readonly ulong[]? _values;          // where there are several
    private readonly TotalLengthRule _total;
    private readonly bool _statesTotal;
    private readonly bool _signed;

    private FieldRule(HeaderField field, HeaderLayout layout)
    {
        Field = LayoutField.Of(field, layout);
        _total = field.TotalLength ?? default;
        _statesTotal = field.TotalLength is not null;
        _signed = field.IsSigned;
        if (field.Values is [var only])
        {
            _least = Bits(only);
        }
        else if (field.Values is not null)
        {
            _values = [.. field.Values.Select(Bits)];
        }
        else
        {
            _least = Bits(field.Minimum ?? field.Least);
            _span = Bits(field.Maximum ?? field.Greatest) - _least;
        }
    }

    public readonly LayoutField Field;      // no property: the decoder would copy it for every frame

    public static FieldRule? For(HeaderField field, HeaderLayout layout)
        => field is { Minimum: null, Maximum: null, Values: null, TotalLength: null or TotalLengthRule.Ignored } ? null : new FieldRule(field, layout);

    /// <summary>Whether the field is legal.</summary>
    /// <param name="value">What the field holds.</param>
    /// <param name="payload">The payload's length modulo 2^64; one that is no legal length does not matter, for that is found later.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Allows(ulong value, ulong payload)
    {
        if (_statesTotal)
        {
            return AllowsTotal(value, payload);
        }

        return _values is null ? value - _least <= _span : _values.AsSpan().Contains(value);
    }

    /// <summary>Why the field is not legal; null when it was compared with a payload's length that had wrapped around, for there is no such payload.</summary>
    /// <param name="bits">What the field holds.</param>
    /// <param name="payload">The payload's length by the length field, as it is.</param>
    public FrameRejection? Rejection(ulong bits, Int128 payload)
    {
        Int128 value = Field.Value(bits);
        if (_statesTotal)
        {
            if (value >= 0 && payload > long.MaxValue)
            {
                return null;
            }

            string reason = value < 0 ? RejectionReasons.TotalLengthNegative
                : _total == TotalLengthRule.EqualsCurrent ? RejectionReasons.TotalLengthMismatch
                : RejectionReasons.TotalLengthTooShort;
            return new FrameRejection(reason, Field.Name, value, value < 0 ? 0 : payload);
        }

        Int128? limit = _values is not null ? null : Field.Value(value < Field.Value(_least) ? _least : _least + _span);
        return new FrameRejection(RejectionReasons.FieldOutOfRange, Field.Name, value, limit);
    }

    private bool AllowsTotal(ulong total, ulong payload)
    {
        if (_signed && (long)total < 0)
        {
            return false;
        }

        return _total == TotalLengthRule.NonNegative || (long)payload < 0
            || (_total == TotalLengthRule.EqualsCurrent ? total == payload : total >= payload);
    }

    private static ulong Bits(Int128 value) => unchecked((ulong)value);
}
