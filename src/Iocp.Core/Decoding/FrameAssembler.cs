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
internal partial struct FrameAssembler(IFrameDecoder decoder)
{
    private readonly IFrameDecoder _decoder = decoder;
    private FrameInProgress? _progress;     // null: every read so far ended with a frame, and no pause came before the first
    private long _consumed;                 // stream offset of the first byte not consumed
    private long _frameIndex;

    /// <summary>Whether the end of the stream, coming now, would cut a frame.</summary>
    public readonly bool InsideFrame => BytesHeld > 0;

    /// <summary>Bytes of the frame in progress that have come (and bytes kept undecoded by a pause).</summary>
    public readonly int BytesHeld => _progress is { } progress ? progress.Tail.Length + progress.Absorbed : 0;

    /// <summary>Capacity of the rented tail buffer in bytes; 0 when nothing is rented.</summary>
    public readonly int Capacity => _progress?.Tail.Capacity ?? 0;

    /// <summary>Offset of the first byte of the frame in progress.</summary>
    public readonly long StreamOffset => _progress is { Absorbed: > 0 } progress ? progress.AbsorbedFrom : _consumed;

    /// <summary>Frames found so far.</summary>
    public readonly long FrameIndex => _frameIndex;

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
                InProgress.Settle();
                frame = default;
                return AssemblerStatus.Failed;
            }

            if (IsFrame(result, input.Length, maxFrameLength))
            {
                frame = new Frame(input.Slice(result.Start, result.Length), _frameIndex, _consumed + result.Start);
                _consumed += result.Consumed;
                _frameIndex++;
                input = input[result.Consumed..];
                return AssemblerStatus.Frame;
            }

            return Assemble(ref input, pool, maxFrameLength, result, asked: true, out frame);
        }

        return Assemble(ref input, pool, maxFrameLength, default, asked: false, out frame);
    }

    // All that is consumed counts: a limit on the frame alone would be met in one read by what could not be waited for in several.
    private static bool IsFrame(in DecodeResult result, int unread, int maxConsumed)
        => result.Status == DecodeStatus.Frame
            && result.Consumed > 0 && result.Consumed <= unread && result.Consumed <= maxConsumed
            && result.Start >= 0 && result.Length >= 0 && result.Start <= result.Consumed - result.Length;

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

        _progress?.Settle();
    }

    /// <summary>Nothing more is decoded: gives back what is held of the stream, and the last frame if the decoder has it.</summary>
    public readonly void Drop(ArrayPool<byte> pool)
    {
        if (_progress is { } progress)
        {
            progress.Tail.Clear();
            ReleaseLast(progress, pool);
            progress.Settle();
        }
    }

    /// <summary>Gives the tail back and disposes the decoder; no other call may follow.</summary>
    public readonly void Release(ArrayPool<byte> pool)
    {
        Drop(pool);
        (_decoder as IDisposable)?.Dispose();
    }

    // Made once: whoever ends a pause may make it while the reader does.
    private FrameInProgress InProgress => _progress ?? Interlocked.CompareExchange(ref _progress, new FrameInProgress(), null) ?? _progress;

    private readonly int Absorbed => _progress?.Absorbed ?? 0;

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
}
