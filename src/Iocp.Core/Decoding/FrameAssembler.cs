using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Iocp.Core;

internal enum AssemblerStatus
{
    /// <summary>All input was taken, and no frame can be made of what is there.</summary>
    NeedMore,

    /// <summary>A frame; ask again for the next.</summary>
    Frame,

    /// <summary>The decoder refused the stream: final.</summary>
    Rejected,

    /// <summary>The decoder threw or broke its contract: final.</summary>
    Failed,
}

/// <summary>
/// Drives a decoder over one stream, read by read; does no I/O. Frames that lie whole in a read are decoded in place; only a frame that
/// a read cuts is joined in the tail, and after it decoding goes back to the read's own bytes.
/// Invariant between reads, unless <see cref="Keep"/> was called: the tail holds less than one frame, nothing between frames,
/// and its buffer is at most twice as long as the bytes it holds.
/// </summary>
internal struct FrameAssembler(IFrameDecoder decoder)
{
    private readonly IFrameDecoder _decoder = decoder;
    private FrameInProgress? _progress;     // null: every read so far ended with a frame
    private long _consumed;                 // stream offset of the first byte not consumed
    private long _frameIndex;

    public readonly IFrameDecoder Decoder => _decoder;

    /// <summary>Whether the end of the stream, coming now, would cut a frame.</summary>
    public readonly bool InsideFrame => BytesHeld > 0;

    /// <summary>Bytes of the frame in progress that have come (and bytes kept undecoded by a pause).</summary>
    public readonly int BytesHeld => _progress is { } progress ? progress.Tail.Length + progress.Absorbed : 0;

    /// <summary>Capacity of the rented tail buffer in bytes; 0 when nothing is rented.</summary>
    public readonly int Capacity => _progress?.Tail.Capacity ?? 0;

    /// <summary>Offset of the first byte of the frame in progress.</summary>
    public readonly long StreamOffset => _consumed - (_progress?.Absorbed ?? 0);

    /// <summary>When the frame in progress began, on the clock of <see cref="Time"/>; null: none is, or it is not timed now. Any thread may ask.</summary>
    public readonly long? InProgressSince
        => _progress is { } progress && Volatile.Read(ref progress.TimedFrame) == Volatile.Read(in _frameIndex) && Volatile.Read(ref progress.StoppedAt) < 0
            ? Volatile.Read(ref progress.BeganAt)
            : null;

    /// <summary>Frames found so far.</summary>
    public readonly long FrameIndex => _frameIndex;

    public readonly FrameRejection? Rejection => _progress?.Verdict as FrameRejection;

    public readonly Exception? Error => _progress?.Verdict as Exception;

    /// <summary>
    /// Finds the next frame in the tail and <paramref name="input"/>, and moves <paramref name="input"/> past what was taken. The frame is
    /// valid until the next call on this assembler or until the read's memory goes back, whichever comes first.
    /// </summary>
    /// <param name="input">What is unread of the read.</param>
    /// <param name="pool">Of tails; the same in every call.</param>
    /// <param name="maxFrameLength">The framing's; the same in every call. Not kept, for the sake of idle connections.</param>
    /// <param name="frame">What was found.</param>
    [UnscopedRef]
    public AssemblerStatus Next(ref ReadOnlySpan<byte> input, ArrayPool<byte> pool, int maxFrameLength, out Frame frame)
    {
        if (_progress is null or { IsAtRest: true } && !input.IsEmpty)
        {
            // By far the most frames. Apart from all that follows, so that the result is read where the decoder wrote it: copying what has just been
            // written in smaller pieces makes the processor wait.
            DecodeResult result;
            try
            {
                result = _decoder.Decode(input);
            }
            catch (Exception exception)
            {
                InProgress.Verdict = exception;
                frame = default;
                return AssemblerStatus.Failed;
            }

            if (IsFrame(result, input.Length, maxFrameLength))
            {
                frame = new Frame { Bytes = input.Slice(result.Start, result.Length), Index = _frameIndex, StreamOffset = _consumed + result.Start };
                _consumed += result.Consumed;
                _frameIndex++;
                input = input[result.Consumed..];
                return AssemblerStatus.Frame;
            }

            return Assemble(ref input, pool, maxFrameLength, result, asked: true, out frame);
        }

        return Assemble(ref input, pool, maxFrameLength, default, asked: false, out frame);
    }

    private static bool IsFrame(in DecodeResult result, int unread, int maxFrameLength)
        => result.Status == DecodeStatus.Frame
            && result.Consumed > 0 && result.Consumed <= unread
            && result.Start >= 0 && result.Length >= 0 && result.Length <= maxFrameLength && result.Start <= result.Consumed - result.Length;

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

    /// <summary>Delivery is paused: keeps the rest of a read, undecoded, until <see cref="Next"/> is called again.</summary>
    public void Keep(ReadOnlySpan<byte> input, ArrayPool<byte> pool)
    {
        if (_progress is { } progress)
        {
            ReleaseLast(progress, pool);
        }

        if (!input.IsEmpty)
        {
            InProgress.Tail.Append(input, pool);
        }
    }

    /// <summary>A read was decoded as far as it goes. A frame that is now in progress began no later than <paramref name="now"/>; more bytes of it change nothing.</summary>
    public readonly void Time(long now)
    {
        if (InsideFrame && _progress!.TimedFrame != _frameIndex)
        {
            Volatile.Write(ref _progress.BeganAt, now);
            Volatile.Write(ref _progress.TimedFrame, _frameIndex);
        }
    }

    /// <summary>Nothing is read from now on, so the time does not count.</summary>
    public readonly void StopTime(long now)
    {
        if (_progress is { } progress)
        {
            Volatile.Write(ref progress.StoppedAt, now);
        }
    }

    /// <summary>Undoes <see cref="StopTime"/>.</summary>
    public readonly void ResumeTime(long now)
    {
        if (_progress is { StoppedAt: >= 0 } progress)
        {
            Volatile.Write(ref progress.BeganAt, progress.BeganAt + now - progress.StoppedAt);
            Volatile.Write(ref progress.StoppedAt, -1);
        }
    }

    /// <summary>Gives the tail back and disposes the decoder; no other call may follow.</summary>
    public void Release(ArrayPool<byte> pool)
    {
        if (_progress is { } progress)
        {
            progress.Tail.Clear();
            progress.Tail.Release(pool);
        }

        (_decoder as IDisposable)?.Dispose();
    }

    private FrameInProgress InProgress => _progress ??= new FrameInProgress();

    private readonly int Absorbed => _progress?.Absorbed ?? 0;

    private readonly bool HasVerdict => _progress?.Verdict is not null;

    private readonly AssemblerStatus Verdict => _progress!.Verdict is FrameRejection ? AssemblerStatus.Rejected : AssemblerStatus.Failed;

    // The frame that the last call returned, wherever it is held.
    private readonly void ReleaseLast(FrameInProgress progress, ArrayPool<byte> pool)
    {
        if (progress.Tail.IsEmpty)
        {
            progress.Tail.Release(pool);
        }

        if (progress.Assembled)
        {
            progress.Assembled = false;
            try
            {
                _decoder.ReleaseAssembled();
            }
            catch (Exception exception)
            {
                progress.Verdict = exception;
            }
        }
    }

    // A decoder that throws must cost its own connection only: whatever it threw becomes the verdict.
    private DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        try
        {
            return _decoder.Decode(unread);
        }
        catch (Exception exception)
        {
            InProgress.Verdict = exception;
            return default;
        }
    }

    private ReadOnlySpan<byte> Assembled()
    {
        try
        {
            return _decoder.Assembled;
        }
        catch (Exception exception)
        {
            InProgress.Verdict = exception;
            return default;
        }
    }

    private AssemblerStatus Fail(string what, int? maxFrameLength = null)
    {
        string limit = maxFrameLength is not null ? $" (MaxFrameLength is {maxFrameLength})" : "";
        InProgress.Verdict = new InvalidOperationException($"The decoder {_decoder.GetType().Name} {what}{limit}.");
        return AssemblerStatus.Failed;
    }
}
