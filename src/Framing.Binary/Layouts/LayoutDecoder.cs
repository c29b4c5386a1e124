using System.Runtime.CompilerServices;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>Finds frames by a declared header. Stateless: everything that a frame needs was worked out from the layout.</summary>
internal sealed class LayoutDecoder : IFrameDecoder
{
    private readonly int _headerSize;
    private readonly int _strip;
    private readonly LayoutField _length;
    private readonly ulong _least;          // of the length field's legal values
    private readonly ulong _span;           // from the least to the greatest
    private readonly ulong _addend;         // modulo 2^64, as the sum is: a legal length's is the payload's length
    private readonly FieldRule[] _rules;
    private readonly ChecksumRule? _checksum;

    public LayoutDecoder(HeaderLayout layout)
    {
        _headerSize = layout.HeaderSize;
        _strip = layout.BytesToStrip;
        _length = LayoutField.Of(layout.Length!, layout);
        _least = (ulong)layout.LeastLength;
        _span = (ulong)layout.GreatestLength - _least;
        _addend = (ulong)(long)layout.PayloadAddend;
        _rules = [.. layout.Fields.Select(field => FieldRule.For(field, layout)).OfType<FieldRule>()];
        _checksum = layout.Checksum is { } checksum ? new ChecksumRule(checksum, layout) : null;
    }

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        if (unread.Length < _headerSize)
        {
            return DecodeResult.NeedMore(_headerSize);
        }

        return _headerSize >= LayoutField.Load ? Decode(unread, unread) : DecodeShortHeader(unread);
    }

    // Apart, as every rejection is: what is rare must not make a frame dearer by its locals.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private DecodeResult DecodeShortHeader(ReadOnlySpan<byte> unread)
    {
        Span<byte> padded = stackalloc byte[LayoutField.Load];
        padded.Clear();
        unread[.._headerSize].CopyTo(padded);
        return Decode(unread, padded);
    }

    // `header` is the beginning of `unread`, and long enough for a load. No field reaches beyond the header: a verdict that depended on
    // later bytes would depend on how the stream was cut.
    private DecodeResult Decode(ReadOnlySpan<byte> unread, ReadOnlySpan<byte> header)
    {
        ulong length = _length.Read(header);
        foreach (ref readonly FieldRule rule in _rules.AsSpan())
        {
            ulong value = rule.Field.Read(header);
            if (!rule.Allows(value, length + _addend) && Rejection(in rule, value, length) is { } illegal)
            {
                return DecodeResult.Reject(illegal);
            }
        }

        // One comparison finds both a length that is too great and one that is too small.
        if (length - _least > _span)
        {
            return DecodeResult.Reject(IllegalLength(length));
        }

        if (_checksum is { CoversPayload: false } && _checksum.Check(unread[.._headerSize]) is { } corrupted)
        {
            return DecodeResult.Reject(corrupted);
        }

        int frame = _headerSize + (int)(length + _addend);      // cannot overflow: the layout's rules saw to it
        if (unread.Length < frame)
        {
            return DecodeResult.NeedMore(frame);
        }

        if (_checksum is { CoversPayload: true } && _checksum.Check(unread[..frame]) is { } mismatch)
        {
            return DecodeResult.Reject(mismatch);
        }

        return DecodeResult.Frame(_strip, frame - _strip, frame);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameRejection? Rejection(in FieldRule rule, ulong value, ulong length) => rule.Rejection(value, (Int128)length + (long)_addend);

    // In the terms of the field itself: value and limit are what it holds and what it could hold.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameRejection IllegalLength(ulong length) => length < _least
        ? new FrameRejection(RejectionReasons.FieldOutOfRange, _length.Name, length, _least)
        : new FrameRejection(RejectionReasons.PayloadTooLong, _length.Name, length, _least + _span);
}
