using Iocp.Core;

namespace Framing.Binary;

/// <summary>Every <see cref="FrameRejection.Reason"/> that binary framing gives.</summary>
public static class RejectionReasons
{
    /// <summary>The payload is longer than MaxPayloadLength, which is the limit; of a declared header value and limit are the length field's.</summary>
    public const string PayloadTooLong = nameof(PayloadTooLong);

    /// <summary>TotalLength is negative; the limit is 0.</summary>
    public const string TotalLengthNegative = nameof(TotalLengthNegative);

    /// <summary>TotalLength is less than CurrentLength, which is the limit.</summary>
    public const string TotalLengthTooShort = nameof(TotalLengthTooShort);

    /// <summary>TotalLength is not CurrentLength, which is the limit.</summary>
    public const string TotalLengthMismatch = nameof(TotalLengthMismatch);

    /// <summary>Type is not among the allowed ones.</summary>
    public const string TypeNotAllowed = nameof(TypeNotAllowed);

    /// <summary>The checksum in the frame, which is the value, is not that of its bytes, which is the limit.</summary>
    public const string ChecksumMismatch = nameof(ChecksumMismatch);

    /// <summary>A field of a user's own header holds what it must not.</summary>
    public const string FieldOutOfRange = nameof(FieldOutOfRange);

    /// <summary>TotalLength is more than MaxMessageLength, which is the limit.</summary>
    public const string MessageTooLong = nameof(MessageTooLong);

    /// <summary>TotalLength is not that of the message's first packet, which is the limit.</summary>
    public const string TotalLengthChanged = nameof(TotalLengthChanged);

    /// <summary>Type is not that of the message's first packet, which is the limit.</summary>
    public const string TypeChanged = nameof(TypeChanged);

    /// <summary>SerialNumber does not follow that of the packet before; the limit is the one that does.</summary>
    public const string SerialOutOfOrder = nameof(SerialOutOfOrder);

    /// <summary>A packet without payload, in a message that has one.</summary>
    public const string EmptyPacket = nameof(EmptyPacket);

    /// <summary>The packet has more payload than the message still lacks, which is the limit.</summary>
    public const string MessageOverrun = nameof(MessageOverrun);

    /// <summary>On send: the data ends inside a frame; the value is how many bytes of it there are, the limit, where that is known, how many there must be at least.</summary>
    public const string TruncatedFrame = nameof(TruncatedFrame);

    /// <summary>On send: there is no frame in the data.</summary>
    public const string EmptyData = nameof(EmptyData);
}
