using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Framing.Binary;

/// <summary>
/// Where a number of 1 to 8 bytes lies, as what reads it without a branch on its width: one load of 8 bytes that contain it, and two shifts.
/// </summary>
internal readonly struct LayoutField
{
    /// <summary>Bytes of one load. A shorter header must be copied into so many bytes before it is read.</summary>
    public const int Load = sizeof(ulong);

    private readonly int _load;
    private readonly byte _left;
    private readonly byte _right;
    private readonly bool _reverse;
    private readonly bool _signed;

    public LayoutField(string name, int offset, int width, ByteOrder order, bool signed, int headerSize)
    {
        Name = name;
        Offset = offset;
        Width = width;
        _signed = signed;
        _reverse = order == ByteOrder.BigEndian;
        _load = Math.Min(offset, Math.Max(0, headerSize - Load));   // never beyond the header
        int first = offset - _load;
        int before = _reverse ? first : Load - first - width;       // bytes more significant than the number's
        _left = (byte)(before * 8);
        _right = (byte)((Load - width) * 8);
    }

    public static LayoutField Of(HeaderField field, HeaderLayout layout)
        => new(field.Name, field.Offset, field.Width, field.ByteOrder ?? layout.ByteOrder, field.IsSigned, layout.HeaderSize);

    public static LayoutField Of(LengthField field, HeaderLayout layout)
        => new(field.Name, field.Offset, field.Width, field.ByteOrder ?? layout.ByteOrder, signed: false, layout.HeaderSize);

    public string Name { get; }

    public int Offset { get; }

    public int Width { get; }

    /// <summary>The number; a signed one is extended to 64 bits.</summary>
    /// <param name="header">The header, and at least <see cref="Load"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read(ReadOnlySpan<byte> header)
    {
        ulong word = BinaryPrimitives.ReadUInt64LittleEndian(header[_load..]);
        if (_reverse)
        {
            word = BinaryPrimitives.ReverseEndianness(word);
        }

        word <<= _left;
        return _signed ? (ulong)((long)word >> _right) : word >> _right;
    }

    /// <summary>The number as it was meant.</summary>
    public Int128 Value(ulong read) => _signed ? (long)read : read;

    /// <summary>Writes the number's <see cref="Width"/> low bytes.</summary>
    public void Write(Span<byte> header, ulong value)
    {
        for (int i = 0; i < Width; i++)
        {
            header[Offset + (_reverse ? Width - 1 - i : i)] = (byte)(value >> (i * 8));
        }
    }
}
