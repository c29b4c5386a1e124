namespace Framing.Binary;

/// <summary>Which byte of a number comes first on the wire.</summary>
public enum ByteOrder
{
    /// <summary>The most significant one: network byte order.</summary>
    BigEndian,

    /// <summary>The least significant one.</summary>
    LittleEndian,
}
