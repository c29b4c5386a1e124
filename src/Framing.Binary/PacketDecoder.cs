using System.Runtime.CompilerServices;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>Finds frames by their headers. Stateless, and compiled for each header type: reading and judging it inline into Decode.</summary>
internal sealed class PacketDecoder<THead>(int maxPayloadLength, PacketHeadCheck<THead>? check) : IFrameDecoder
    where THead : struct, IPacketHead<THead>
{
    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        if (unread.Length < THead.Size)
        {
            return DecodeResult.NeedMore(THead.Size);
        }

        FrameRejection? rejection;
        int payload = 0;
        try
        {
            // Only the header's own bytes: a verdict that depended on later ones would depend on how the stream was cut.
            rejection = THead.TryRead(unread[..THead.Size], out THead head);
            if (rejection is null)
            {
                payload = head.PayloadLength;
                rejection = check is null ? THead.DefaultCheck(in head) : Check(head);
            }
        }
        catch (OverflowException)
        {
            return DecodeResult.Reject(Illegal(unread[..THead.Size]));      // from here: what is assigned here and used behind it would be kept in memory, for each frame
        }

        // One comparison finds both a payload that is too long and a negative one.
        if (rejection is not null || (uint)payload > (uint)maxPayloadLength)
        {
            return DecodeResult.Reject(rejection ?? Illegal(unread[..THead.Size]));
        }

        int frame = THead.Size + payload;       // cannot overflow: the framing's constructor saw to it
        return unread.Length < frame ? DecodeResult.NeedMore(frame) : DecodeResult.Frame(frame);
    }

    /// <summary>Whether <paramref name="data"/> is one legal frame and nothing more: what most sends are, found out without a result to write and read.</summary>
    /// <remarks>The verdict is <see cref="Decode"/>'s, and its rules stand there once more: a method that judged for both cost Decode a third.</remarks>
    public bool IsOneFrame(ReadOnlySpan<byte> data)
    {
        try
        {
            return data.Length >= THead.Size
                && THead.TryRead(data[..THead.Size], out THead head) is null
                && (check is null ? THead.DefaultCheck(in head) : Check(head)) is null
                && head.PayloadLength is int payload && payload <= maxPayloadLength && payload == data.Length - THead.Size;
        }
        catch (OverflowException)
        {
            return false;       // Decode is asked next, and tells a length that overflows from a rule that does
        }
    }

    // Of a copy: the header itself, which nobody has the address of, stays in registers.
    private FrameRejection? Check(THead head) => check!(in head);

    // Judged once more: a header whose payload is illegal, or of which something overflowed: a length computed checked, which the peer is to blame for, or a rule of the
    // user's, which throws here again. Apart: making a rejection takes room on the stack, which would be cleared for each frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameRejection Illegal(ReadOnlySpan<byte> bytes)
    {
        THead head;
        int payload;
        try
        {
            if (THead.TryRead(bytes, out head) is { } rejection)
            {
                return rejection;
            }

            payload = head.PayloadLength;
        }
        catch (OverflowException)
        {
            return new FrameRejection(RejectionReasons.FieldOutOfRange, THead.LengthField);
        }

        return payload < 0 ? new FrameRejection(RejectionReasons.FieldOutOfRange, THead.LengthField, payload, 0)
            : payload > maxPayloadLength ? new FrameRejection(RejectionReasons.PayloadTooLong, THead.LengthField, payload, maxPayloadLength)
            : (check is null ? THead.DefaultCheck(in head) : Check(head)) ?? throw new OverflowException($"A check of {typeof(THead).Name} overflowed once, but not when it was asked again.");
    }
}
