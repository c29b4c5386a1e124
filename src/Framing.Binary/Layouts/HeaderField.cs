namespace Framing.Binary;

/// <summary>A number in a header: where it is, and what it may be. Part of a <see cref="HeaderLayout"/>, which validates it.</summary>
public sealed class HeaderField
{
    /// <summary>What rejections and tools call the field; not empty, and unlike every other name of the layout.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where the field begins, in bytes from the header's first.</summary>
    public int Offset { get; init; }

    /// <summary>Length of the field: 1 to 8 bytes.</summary>
    public int Width { get; init; }

    /// <summary>Null (the default): the layout's.</summary>
    public ByteOrder? ByteOrder { get; init; }

    /// <summary>Whether the field is a two's complement number; default false.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Least legal value; null (the default): the least that the field holds.</summary>
    public Int128? Minimum { get; init; }

    /// <summary>Greatest legal value; null (the default): the greatest that the field holds.</summary>
    public Int128? Maximum { get; init; }

    /// <summary>The legal values, for example one magic number or the versions that are understood; null (the default): what the range allows. Excludes <see cref="Minimum"/> and <see cref="Maximum"/>.</summary>
    public IReadOnlyList<Int128>? Values { get; init; }

    /// <summary>
    /// For a field that states the payload bytes of a whole message, over all its frames: how it must compare to the payload of this frame.
    /// Null (the default): it is no such field. Broken rules have the reasons that PACKET_HEAD's have. Excludes a range and values.
    /// </summary>
    public TotalLengthRule? TotalLength { get; init; }

    internal Int128 Least => IsSigned ? -(Int128.One << ((Width * 8) - 1)) : 0;

    internal Int128 Greatest => (Int128.One << ((Width * 8) - (IsSigned ? 1 : 0))) - 1;
}
