using System.Collections.Frozen;

namespace Framing.Binary;

/// <summary>Reads the fields of a header by their names. Immutable; any thread; allocates nothing.</summary>
public sealed class LayoutReader
{
    private readonly int _headerSize;
    private readonly FrozenDictionary<string, LayoutField> _fields;

    /// <summary>Takes over the layout.</summary>
    /// <param name="layout">What the header looks like; copied.</param>
    /// <exception cref="ArgumentException">The layout is not valid; the message names the field, the value and the limit.</exception>
    public LayoutReader(HeaderLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        layout.Validate();
        _headerSize = layout.HeaderSize;
        List<LayoutField> fields = [LayoutField.Of(layout.Length!, layout), .. layout.Fields.Select(field => LayoutField.Of(field, layout))];
        if (layout.Checksum is { Offset: { } offset } checksum)
        {
            fields.Add(new LayoutField(checksum.Name, offset, HeaderChecksum.Width, checksum.ByteOrder ?? layout.ByteOrder, signed: false, _headerSize));
        }

        Names = [.. fields.OrderBy(field => field.Offset).Select(field => field.Name)];
        _fields = fields.ToFrozenDictionary(field => field.Name);
    }

    /// <summary>The names of all fields of the header, length and checksum included, in the order in which they lie on the wire. A checksum at the end of the frame is none of them.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads one field; its value is not judged.</summary>
    /// <param name="header">The header, and whatever follows it: for example a frame that is delivered with its header.</param>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">The bytes are shorter than the header, or no field has the name.</exception>
    public Int128 Read(ReadOnlySpan<byte> header, string name)
    {
        if (header.Length < _headerSize)
        {
            throw new ArgumentException($"There are {header.Length} bytes; the header has {_headerSize}.", nameof(header));
        }

        if (!_fields.TryGetValue(name, out LayoutField field))
        {
            throw new ArgumentException($"No field has the name {name}; there are {string.Join(", ", Names)}.", nameof(name));
        }

        if (_headerSize >= LayoutField.Load)
        {
            return field.Value(field.Read(header));
        }

        Span<byte> padded = stackalloc byte[LayoutField.Load];
        padded.Clear();
        header[.._headerSize].CopyTo(padded);
        return field.Value(field.Read(padded));
    }
}
