using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Iocp.Core;

// Everything but a frame that lies whole in a read: joining what a read cut, what a decoder takes to itself or passes over, and its mistakes.
internal partial struct FrameAssembler
{
    // What the decoder said of the input is given, when it was asked already.
    [UnscopedRef]
    private AssemblerStatus Assemble(ref ReadOnlySpan<byte> input, ArrayPool<byte> pool, int maxFrameLength, DecodeResult result, bool asked, out Frame frame)
    {
        try
        {
            return Join(ref input, pool, maxFrameLength, result, asked, out frame);
        }
        finally
        {
            _progress?.Settle();    // also when there is no memory
        }
    }

    [UnscopedRef]
    private AssemblerStatus Join(ref ReadOnlySpan<byte> input, ArrayPool<byte> pool, int maxFrameLength, DecodeResult result, bool asked, out Frame frame)
    {
        frame = default;
        if (_progress is { Verdict: null } last)
        {
            ReleaseLast(last, pool);
        }

        if (HasVerdict)
        {
            return Verdict;
        }

        int growth = 0;
        while (true)
        {
            FrameInProgress? joined = _progress is { Tail.IsEmpty: false } begun ? begun : null;
            int borrowed = joined is null ? 0 : Borrow(input, joined, growth, pool);
            ReadOnlySpan<byte> unread = joined is null ? input : joined.Tail.Bytes;
            if (unread.IsEmpty || unread.Length < (joined?.Needed ?? 0))
            {
                input = default;
                return AssemblerStatus.NeedMore;
            }

            if (!asked)
            {
                result = Decode(unread);
            }

            asked = false;
            if (result.Status == DecodeStatus.NeedMore)
            {
                if (result.Length <= unread.Length || result.Length > maxFrameLength - Absorbed)
                {
                    return Fail($"asked for {result.Length} bytes while it has {unread.Length}", maxFrameLength);
                }

                // A decoder that searches asks for one byte more each time: give it ever larger pieces, so that the work stays linear.
                growth = growth == 0 ? Math.Min(unread.Length, 64) : growth * 2;
                Await(result.Length, ref input, joined, borrowed, pool);
                if (input.IsEmpty)
                {
                    return AssemblerStatus.NeedMore;
                }

                continue;
            }

            AssemblerStatus? found = Interpret(result, unread, maxFrameLength, out frame);
            if (found is not (null or AssemblerStatus.Frame))
            {
                return found.Value;
            }

            Advance(result.Consumed, ref input, joined, borrowed);
            if (found is AssemblerStatus.Frame)
            {
                if (_progress is { } done)
                {
                    done.Absorbed = 0;
                }

                _frameIndex++;
                return AssemblerStatus.Frame;
            }

            if (joined is { Tail.IsEmpty: true })
            {
                joined.Tail.Release(pool);
            }
        }
    }

    // Copies the first bytes of the input, as many as are wanted, to the end of the tail. The input is not moved before it is known whether they belong to
    // the joined frame.
    private static int Borrow(ReadOnlySpan<byte> input, FrameInProgress joined, int growth, ArrayPool<byte> pool)
    {
        int borrowed = Math.Min(input.Length, Math.Max(joined.Needed - joined.Tail.Length, growth));
        if (borrowed > 0)
        {
            joined.Tail.Append(input[..borrowed], pool);
        }

        return borrowed;
    }

    // The decoder wants more: what it saw stays in the tail. When no input is left, that is until the next read.
    private void Await(int needed, ref ReadOnlySpan<byte> input, FrameInProgress? joined, int borrowed, ArrayPool<byte> pool)
    {
        InProgress.Needed = needed;
        if (joined is null)
        {
            InProgress.Tail.Append(input, pool);
            input = default;
        }
        else
        {
            input = input[borrowed..];
        }

        if (input.IsEmpty)
        {
            InProgress.Tail.Trim(pool);
        }
    }

    // What the decoder made of the unread bytes. Null: no frame, and it goes on behind what it consumed.
    [UnscopedRef]
    private AssemblerStatus? Interpret(DecodeResult result, ReadOnlySpan<byte> unread, int maxFrameLength, out Frame frame)
    {
        frame = default;
        if (result.Status == DecodeStatus.Reject && result.Rejection is { } rejection)
        {
            InProgress.Verdict = rejection with { StreamOffset = StreamOffset, FrameIndex = _frameIndex };
            return AssemblerStatus.Rejected;
        }

        int consumed = result.Consumed;
        if (consumed <= 0 || consumed > unread.Length)
        {
            return HasVerdict ? Verdict : Fail($"returned {result.Status} and consumed {consumed} of {unread.Length} bytes");
        }

        switch (result.Status)
        {
            case DecodeStatus.Frame:
                if (!IsFrame(result, unread.Length, maxFrameLength - Absorbed))
                {
                    return Fail($"returned a frame of {result.Length} bytes at {result.Start} in {consumed} consumed bytes, with {Absorbed} absorbed before", maxFrameLength);
                }

                frame = new Frame(unread.Slice(result.Start, result.Length), _frameIndex, _consumed + result.Start);
                return AssemblerStatus.Frame;
            case DecodeStatus.FrameAssembled:
                if (consumed > maxFrameLength - Absorbed)
                {
                    return Fail($"assembled a frame of {Absorbed} + {consumed} bytes of the stream", maxFrameLength);
                }

                ReadOnlySpan<byte> assembled = Assembled();
                if (HasVerdict)
                {
                    return Verdict;
                }

                if (assembled.Length > maxFrameLength)
                {
                    return Fail($"assembled a frame of {assembled.Length} bytes", maxFrameLength);
                }

                InProgress.Assembled = true;
                frame = new Frame(assembled, _frameIndex, StreamOffset);
                return AssemblerStatus.Frame;
            case DecodeStatus.Absorb:
                if (consumed > maxFrameLength - Absorbed)
                {
                    return Fail($"absorbed {Absorbed} + {consumed} bytes of one frame", maxFrameLength);
                }

                if (Absorbed == 0)
                {
                    InProgress.AbsorbedFrom = _consumed;
                }

                InProgress.Absorbed += consumed;
                return null;
            case DecodeStatus.Skip:
                if (_progress is { Absorbed: 0 } mistaken)
                {
                    Volatile.Write(ref mistaken.TimedFrame, -1);    // what waited for more was no frame
                }

                return null;
            default:
                return Fail($"returned {result.Status}");
        }
    }

    // Moves past what the decoder consumed: out of the tail, and once that has no bytes of its own left, of the input.
    private void Advance(int consumed, ref ReadOnlySpan<byte> input, FrameInProgress? joined, int borrowed)
    {
        _consumed += consumed;
        if (joined is null)
        {
            input = input[consumed..];
            return;
        }

        joined.Needed = 0;
        int own = joined.Tail.Length - borrowed;
        if (consumed >= own)
        {
            input = input[(consumed - own)..];
            joined.Tail.Clear();
        }
        else
        {
            input = input[borrowed..];
            joined.Tail.Advance(consumed);
        }
    }
}
