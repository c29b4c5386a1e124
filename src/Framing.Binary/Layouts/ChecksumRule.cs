using System.Buffers.Binary;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>Where a checksum is and what it covers, worked out for a frame of any length.</summary>
internal sealed class ChecksumRule(HeaderChecksum checksum, HeaderLayout layout)
{
    private readonly bool _bigEndian = (checksum.ByteOrder ?? layout.ByteOrder) == ByteOrder.BigEndian;

    /// <summary>Whether it takes the whole frame to judge it, and not the header alone.</summary>
    public bool CoversPayload { get; } = checksum.Offset is null || checksum.RangeEnd is null;

    /// <summary>Null, or the mismatch.</summary>
    /// <param name="frame">The header, or the whole frame where <see cref="CoversPayload"/>.</param>
    public FrameRejection? Check(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> place = frame[Place(frame.Length)..];
        uint found = _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(place) : BinaryPrimitives.ReadUInt32LittleEndian(place);
        uint expected = Compute(frame);
        return found == expected ? null : new FrameRejection(RejectionReasons.ChecksumMismatch, checksum.Name, found, expected);
    }

    /// <summary>Writes the checksum of a whole frame to its place there.</summary>
    public void Write(Span<byte> frame)
    {
        Span<byte> place = frame[Place(frame.Length)..];
        if (_bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(place, Compute(frame));
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(place, Compute(frame));
        }
    }

    private int Place(int frame) => checksum.Offset ?? frame - HeaderChecksum.Width;

    private uint Compute(ReadOnlySpan<byte> frame)
    {
        int end = checksum.RangeEnd ?? (checksum.Offset is null ? frame.Length - HeaderChecksum.Width : frame.Length);
        return Checksums.Compute(checksum.Algorithm, frame[checksum.RangeStart..end]);
    }
}
