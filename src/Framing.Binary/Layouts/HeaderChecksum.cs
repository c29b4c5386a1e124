namespace Framing.Binary;

/// <summary>How a checksum is computed; each has 4 bytes.</summary>
public enum ChecksumAlgorithm
{
    /// <summary>CRC-32 as in Ethernet, zip and PNG (polynomial 04C11DB7, reflected).</summary>
    Crc32,

    /// <summary>CRC-32C, Castagnoli's, as in iSCSI, SCTP and ext4 (polynomial 1EDC6F41, reflected).</summary>
    Crc32C,
}

/// <summary>
/// A checksum over a part of the frame, 4 bytes in the header or at the end of the frame. Where it covers the header alone it is judged with the header,
/// otherwise when the frame is whole. Part of a <see cref="HeaderLayout"/>, which validates it.
/// </summary>
public sealed class HeaderChecksum
{
    /// <summary>4: length of the checksum in bytes.</summary>
    public const int Width = 4;

    /// <summary>What rejections and tools call the checksum; not empty, and unlike every other name of the layout; default <c>Checksum</c>.</summary>
    public string Name { get; init; } = "Checksum";

    /// <summary>How it is computed; default <see cref="ChecksumAlgorithm.Crc32"/>.</summary>
    public ChecksumAlgorithm Algorithm { get; init; }

    /// <summary>
    /// Where it begins, in bytes from the header's first; null (the default): it is the frame's last 4 bytes. Those are the end of the payload
    /// (<see cref="LengthField.Adjustment"/> adds them where the length does not count them), and delivered with it.
    /// </summary>
    public int? Offset { get; init; }

    /// <summary>Null (the default): the layout's.</summary>
    public ByteOrder? ByteOrder { get; init; }

    /// <summary>First byte that it covers, from the header's first; default 0. At most the header's size.</summary>
    public int RangeStart { get; init; }

    /// <summary>The byte after the last that it covers, at most the header's size; null (the default): it covers the rest of the frame, less itself where it is the end of it.</summary>
    public int? RangeEnd { get; init; }
}
