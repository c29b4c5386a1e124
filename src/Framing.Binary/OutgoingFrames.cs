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
        for (int offset = 0; offset < data.Length; index++)
        {
            ReadOnlySpan<byte> rest = data[offset..];
            DecodeResult result = decoder.Decode(rest);
            if (result.Status != DecodeStatus.Frame)
            {
                return Refuse(in result, rest.Length, offset, index);
            }

            offset += result.Consumed;
        }

        return data.IsEmpty ? Empty() : null;
    }

    // Apart, as the next: making a rejection takes room on the stack, which would be cleared for each frame that is sent.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameRejection Refuse(in DecodeResult result, int rest, int offset, int index)
        => (result.Rejection ?? new FrameRejection(RejectionReasons.TruncatedFrame, Value: rest, Limit: result.Length)) with { StreamOffset = offset, FrameIndex = index };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameRejection Empty() => new(RejectionReasons.EmptyData);
}
