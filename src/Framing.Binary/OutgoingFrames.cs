using System.Runtime.CompilerServices;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>Judges what is about to be sent by the decoder of what is received; for decoders that keep no state.</summary>
internal static class OutgoingFrames
{
    /// <summary>Null when <paramref name="data"/> is one or more whole legal frames; otherwise what is wrong with the first that is not, its place counted from the beginning of <paramref name="data"/>.</summary>
    public static FrameRejection? Check(IFrameDecoder decoder, ReadOnlySpan<byte> data)
    {
        int index = 0;
        int offset = 0;
        do
        {
            DecodeResult result = decoder.Decode(data[offset..]);
            if (result.Status != DecodeStatus.Frame)
            {
                return Refuse(in result, data.Length, offset, index);
            }

            offset += result.Consumed;
            index++;
        }
        while (offset < data.Length);

        return null;
    }

    // Apart: making a rejection takes room on the stack, which would be cleared for each frame that is sent.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameRejection Refuse(in DecodeResult result, int length, int offset, int index)
    {
        if (length == 0)
        {
            return new FrameRejection(RejectionReasons.EmptyData);
        }

        FrameRejection rejection = result.Rejection ?? new FrameRejection(RejectionReasons.TruncatedFrame, Value: length - offset, Limit: result.Length);
        return rejection with { StreamOffset = offset, FrameIndex = index };
    }
}
