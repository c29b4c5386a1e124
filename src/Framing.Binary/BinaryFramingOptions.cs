namespace Framing.Binary;

/// <summary>What a packet's TotalLength must be.</summary>
public enum TotalLengthRule
{
    /// <summary>At least CurrentLength: a packet cannot be longer than its message.</summary>
    AtLeastCurrent,

    /// <summary>Not negative.</summary>
    NonNegative,

    /// <summary>CurrentLength exactly: every message is one packet.</summary>
    EqualsCurrent,

    /// <summary>Anything, for old peers that do not set it.</summary>
    Ignored,
}

/// <summary>What can be chosen for PACKET_HEAD framing; validated by <see cref="BinaryFraming.Create"/>, <see cref="MessageFraming"/> and <see cref="PacketEncoder"/>.</summary>
public sealed class BinaryFramingOptions
{
    /// <summary>The greatest MaxMessageLength: with a header of 12 bytes for each byte of it, the message can still be counted.</summary>
    internal const int LongestMessage = 0x7FFFFFC7 / (PacketHead.Size + 1);

    /// <summary>Longest legal payload in bytes: 1 to 65535; default 8192.</summary>
    public int MaxPayloadLength { get; init; } = 8192;

    /// <summary>What TotalLength must be; default <see cref="TotalLengthRule.AtLeastCurrent"/>.</summary>
    public TotalLengthRule TotalLengthRule { get; init; } = TotalLengthRule.AtLeastCurrent;

    /// <summary>The packet types that are legal, at least one; null (the default) allows every type. Copied.</summary>
    public IReadOnlyCollection<ushort>? AllowedTypes { get; init; }

    /// <summary>
    /// Longest legal payload of a whole message in bytes, over all its packets: 1 to 165,191,045; default 1,048,576 (1 MiB). For <see cref="MessageFraming"/> and
    /// <see cref="PacketEncoder.WriteMessage"/> alone; <see cref="BinaryFraming.Create"/> checks its range and makes no use of it, for single packets may say any TotalLength.
    /// </summary>
    public int MaxMessageLength { get; init; } = 1 << 20;

    internal BinaryFramingOptions Validated()
    {
        if (MaxPayloadLength is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxPayloadLength), MaxPayloadLength,
                $"{nameof(MaxPayloadLength)} is {MaxPayloadLength}; it must be 1 to {ushort.MaxValue}.");
        }

        if (MaxMessageLength is < 1 or > LongestMessage)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxMessageLength), MaxMessageLength,
                $"{nameof(MaxMessageLength)} is {MaxMessageLength}; it must be 1 to {LongestMessage}.");
        }

        if (!Enum.IsDefined(TotalLengthRule))
        {
            throw new ArgumentOutOfRangeException(nameof(TotalLengthRule), TotalLengthRule,
                $"{nameof(TotalLengthRule)} is {(int)TotalLengthRule}; it must be one of {string.Join(", ", Enum.GetNames<TotalLengthRule>())}.");
        }

        if (AllowedTypes is { Count: 0 })
        {
            throw new ArgumentException($"{nameof(AllowedTypes)} is empty, so no packet would be legal; null allows every type.", nameof(AllowedTypes));
        }

        return this;
    }
}
