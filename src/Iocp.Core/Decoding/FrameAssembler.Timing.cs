namespace Iocp.Core;

// How long the frame in progress has been in progress, and the first one waited for. Written by the reader, except where a member says "any thread"; read by timers.
internal partial struct FrameAssembler
{
    /// <summary>When the frame in progress began, on the clock of <see cref="BeginTiming"/>; null: none is, or it is not timed now. Any thread may ask.</summary>
    public readonly long? InProgressSince
        => _progress is { } progress && Volatile.Read(ref progress.TimedFrame) == Volatile.Read(in _frameIndex) && Volatile.Read(ref progress.StoppedAt) < 0
            ? Volatile.Read(ref progress.BeganAt)
            : null;

    /// <summary>Since when the first frame is waited for, if <see cref="WaitForFirstFrame"/> was ever called; otherwise 0.</summary>
    public readonly long FirstFrameFrom => _progress is { } progress ? Volatile.Read(ref progress.FirstFrameFrom) : 0;

    /// <summary>The peer could not be heard: the wait for its first frame begins now. Any thread, also while the reader runs.</summary>
    public void WaitForFirstFrame(long now) => Volatile.Write(ref InProgress.FirstFrameFrom, now);

    /// <summary>Whether a frame is in progress that <see cref="BeginTiming"/> was not called for; the reader's.</summary>
    public readonly bool IsUntimed => InsideFrame && _progress!.TimedFrame != _frameIndex;

    /// <summary>A read was decoded as far as it goes: the time of the frame that <see cref="IsUntimed"/> runs from now.</summary>
    public readonly void BeginTiming(long now)
    {
        Volatile.Write(ref _progress!.BeganAt, now);
        Volatile.Write(ref _progress.TimedFrame, _frameIndex);
    }

    /// <summary>Nothing is read from now on, so the time does not count.</summary>
    public readonly void PauseTiming(long now)
    {
        if (_progress is { } progress)
        {
            Volatile.Write(ref progress.StoppedAt, now);
        }
    }

    /// <summary>Undoes <see cref="PauseTiming"/>.</summary>
    public readonly void ResumeTiming(long now)
    {
        if (_progress is { StoppedAt: >= 0 } progress)
        {
            Volatile.Write(ref progress.BeganAt, progress.BeganAt + now - progress.StoppedAt);
            Volatile.Write(ref progress.StoppedAt, -1);
        }
    }
}
