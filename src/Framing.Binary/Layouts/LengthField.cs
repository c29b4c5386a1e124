namespace Framing.Binary;

/// <summary>What a length field counts, before its adjustment.</summary>
public enum LengthCounts
{
    /// <summary>The bytes after the header.</summary>
    Payload,

    /// <summary>The whole frame, header included.</summary>
    Frame,
}

/// <summary>The field of a header that says how long the frame is: an unsigned number. Part of a <see cref="HeaderLayout"/>, which validates it.</summary>
public sealed class LengthField
{
    /// <summary>What rejections and tools call the field; not empty, and unlike every other name of the layout; default <c>Length</c>.</summary>
    public string Name { get; init; } = "Length";

    /// <summary>Where the field begins, in bytes from the header's first.</summary>
    public int Offset { get; init; }

    /// <summary>Length of the field: 1 to 8 bytes.</summary>
    public int Width { get; init; }

    /// <summary>Null (the default): the layout's.</summary>
    public ByteOrder? ByteOrder { get; init; }

    /// <summary>What the field counts; default <see cref="LengthCounts.Payload"/>.</summary>
    public LengthCounts Counts { get; init; }

    /// <summary>
    /// Added to the field's value to make it count what <see cref="Counts"/> says; default 0. Negative where it counts more (a part of the header),
    /// positive where it counts less (not the checksum after the payload).
    /// </summary>
    public int Adjustment { get; init; }
}
