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
        frame = default;
        if (_progress is { } progress)
        {
            if (progress.Verdict is null)
            {
                ReleaseLast(progress, pool);
            }

            if (progress.Verdict is not null)
            {
                return Verdict;
            }
        }

        int growth = 0;
        while (true)
        {
            // `borrowed` bytes at the end of the tail are copies of the first bytes of `input`, which is not moved before it is
            // known whether they belong to the joined frame.
            int borrowed = 0;
            ReadOnlySpan<byte> unread = input;
            FrameInProgress? joined = _progress is { Tail.IsEmpty: false } begun ? begun : null;
            if (joined is not null)
            {
                borrowed = Math.Min(input.Length, Math.Max(joined.Needed - joined.Tail.Length, growth));
                if (borrowed > 0)
                {
                    joined.Tail.Append(input[..borrowed], pool);
                }

                unread = joined.Tail.Bytes;
            }

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

                InProgress.Needed = result.Length;
                if (joined is null)
                {
                    InProgress.Tail.Append(input, pool);
                    input = default;
                }
                else
                {
                    input = input[borrowed..];
                    // A decoder that searches asks for one byte more each time: give it ever larger pieces, so that the work stays linear.
                    growth = growth == 0 ? Math.Min(unread.Length, 64) : growth * 2;
                }

                if (input.IsEmpty)
                {
                    InProgress.Tail.Trim(pool);
                    return AssemblerStatus.NeedMore;
                }

                continue;
            }

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

            bool found = false;
            switch (result.Status)
            {
                case DecodeStatus.Frame:
                    if (!IsFrame(result, unread.Length, maxFrameLength))
                    {
                        return Fail($"returned a frame of {result.Length} bytes at {result.Start} in {consumed} consumed bytes", maxFrameLength);
                    }

                    frame = new Frame { Bytes = unread.Slice(result.Start, result.Length), Index = _frameIndex, StreamOffset = _consumed + result.Start };
                    found = true;
                    break;
                case DecodeStatus.FrameAssembled:
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
                    frame = new Frame { Bytes = assembled, Index = _frameIndex, StreamOffset = StreamOffset };
                    found = true;
                    break;
                case DecodeStatus.Absorb:
                    if (consumed > maxFrameLength - Absorbed)
                    {
                        return Fail($"absorbed {Absorbed} + {consumed} bytes of one frame", maxFrameLength);
                    }

                    InProgress.Absorbed += consumed;
                    break;
                case DecodeStatus.Skip:
                    if (_progress is { Absorbed: 0 } mistaken)
                    {
                        Volatile.Write(ref mistaken.TimedFrame, -1);    // what waited for more was no frame
                    }

                    break;
                default:
                    return Fail($"returned {result.Status}");
            }

            _consumed += consumed;
            if (joined is null)
            {
                input = input[consumed..];
            }
            else
            {
                joined.Needed = 0;
                if (joined.Tail.Length - borrowed is int own && consumed >= own)
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

            if (found)
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
}
