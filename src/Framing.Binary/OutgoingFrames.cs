using Iocp.Core;

namespace Framing.Binary;

/// <summary>Judges what is about to be sent by the decoder of what is received; for decoders that keep no state.</summary>
internal static class OutgoingFrames
{
    /// <summary>Null when <paramref name="data"/> is one or more whole legal frames; otherwise what is wrong with the first that is not, its place counted from the beginning of <paramref name="data"/>.</summary>
    public static FrameRejection? Check(IFrameDecoder decoder, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return new FrameRejection(RejectionReasons.EmptyData);
        }

        int index = 0;
        for (int offset = 0; offset < data.Length; index++)
        {
            ReadOnlySpan<byte> rest = data[offset..];
            DecodeResult result = decoder.Decode(rest);
            if (result.Status != DecodeStatus.Frame)
            {
                FrameRejection rejection = result.Rejection
                    ?? new FrameRejection(RejectionReasons.TruncatedFrame, Value: rest.Length, Limit: result.Length);
                return rejection with { StreamOffset = offset, FrameIndex = index };
            }

            offset += result.Consumed;
        }

        return null;
    }
}
