using System.Buffers;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// Writes frames (a declared header and the payload) that <see cref="LayoutFraming"/> of the same layout accepts. Refuses everything else before it writes
/// a byte. Immutable; any thread. Allocates nothing for a frame.
/// </summary>
public sealed class LayoutEncoder
{
    private readonly HeaderLayout _layout;
    private readonly LayoutField _length;
    private readonly Entry[] _entries;
    private readonly ChecksumRule? _checksum;
    private readonly int _maxPayload;       // less the checksum at the end

    /// <summary>Takes over the layout.</summary>
    /// <param name="layout">That of the framing. It must not be changed any more.</param>
    /// <exception cref="ArgumentException">The layout is not valid; the message names the field, the value and the limit.</exception>
    public LayoutEncoder(HeaderLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        layout.Validate();
        _layout = layout;
        _length = LayoutField.Of(layout.Length!, layout);
        _entries = [.. layout.Fields.Select(field => new Entry(field, LayoutField.Of(field, layout), FieldRule.For(field, layout)))];
        _checksum = layout.Checksum is { } checksum ? new ChecksumRule(checksum, layout) : null;
        _maxPayload = layout.MaxPayload - layout.MinPayload;
    }

    /// <summary>Writes one frame. Length and checksum are worked out; bytes of the header that no field has are 0.</summary>
    /// <param name="output">Where it goes, for example an <c>ArrayPoolBufferWriter</c>.</param>
    /// <param name="payload">The payload, less the checksum where the frame ends with one. It must not overlap the memory of <paramref name="output"/>.</param>
    /// <param name="fields">
    /// The fields' values by name. One that is not given is the only value that it may have, the payload's length where it states that of the message, and otherwise 0.
    /// </param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A field cannot hold its value, or the layout forbids it; names field, value and limit. Nothing was written.</exception>
    /// <exception cref="ArgumentException">No field has the name, or it was given twice. Nothing was written.</exception>
    public int Write(IBufferWriter<byte> output, ReadOnlySpan<byte> payload, params ReadOnlySpan<(string Name, Int128 Value)> fields)
    {
        ArgumentNullException.ThrowIfNull(output);
        Int128 least = _layout.LeastLength + _layout.PayloadAddend - _layout.MinPayload;
        if (payload.Length > _maxPayload || payload.Length < least)
        {
            throw new ArgumentOutOfRangeException(nameof(payload), payload.Length, $"The payload has {payload.Length} bytes; the layout allows {least} to {_maxPayload}.");
        }

        int length = payload.Length + _layout.MinPayload;
        RequireKnown(fields);
        foreach (Entry entry in _entries)
        {
            entry.Require(entry.Value(fields, length), length);
        }

        int frame = _layout.HeaderSize + length;
        Span<byte> bytes = output.GetSpan(frame)[..frame];
        bytes[.._layout.HeaderSize].Clear();
        payload.CopyTo(bytes[_layout.HeaderSize..]);
        _length.Write(bytes, (ulong)(length - _layout.PayloadAddend));
        foreach (Entry entry in _entries)
        {
            entry.Field.Write(bytes, unchecked((ulong)entry.Value(fields, length)));
        }

        _checksum?.Write(bytes);
        output.Advance(frame);
        return frame;
    }

    private void RequireKnown(ReadOnlySpan<(string Name, Int128 Value)> fields)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            string name = fields[i].Name;
            if (name == _length.Name || name == _layout.Checksum?.Name)
            {
                throw new ArgumentException($"{name} is worked out and cannot be given.", nameof(fields));
            }

            if (!HasField(name))
            {
                throw new ArgumentException($"No field has the name {name}; there are {string.Join(", ", _entries.Select(entry => entry.Field.Name))}.", nameof(fields));
            }

            for (int other = 0; other < i; other++)
            {
                if (fields[other].Name == name)
                {
                    throw new ArgumentException($"{name} is given twice.", nameof(fields));
                }
            }
        }
    }

    private bool HasField(string name)
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Field.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One field, and what it is when it is not given.</summary>
    private sealed class Entry(HeaderField declared, LayoutField place, FieldRule? rule)
    {
        private readonly Int128 _least = declared.Least;
        private readonly Int128 _greatest = declared.Greatest;
        private readonly bool _statesLength = declared.TotalLength is not null;
        private readonly Int128 _default = declared.Values is [var only] ? only : declared.Minimum is { } minimum && minimum == declared.Maximum ? minimum : 0;

        public LayoutField Field => place;

        public Int128 Value(ReadOnlySpan<(string Name, Int128 Value)> given, int payload)
        {
            foreach ((string name, Int128 value) in given)
            {
                if (name == place.Name)
                {
                    return value;
                }
            }

            return _statesLength ? payload : _default;
        }

        public void Require(Int128 value, int payload)
        {
            if (value < _least || value > _greatest)
            {
                throw new ArgumentOutOfRangeException(place.Name, value, $"{place.Name} is {value}; the field holds {_least} to {_greatest}.");
            }

            ulong bits = unchecked((ulong)value);
            if (rule is { } legal && !legal.Allows(bits, (ulong)payload))
            {
                FrameRejection rejection = legal.Rejection(bits, payload)!;     // a payload that exists never wraps around
                string limit = rejection.Limit is { } number ? $"; the limit is {number}" : "";
                throw new ArgumentOutOfRangeException(place.Name, value, $"{rejection.Reason}: {place.Name} is {value}{limit}.");
            }
        }
    }
}
