namespace Iocp.Core;

// How long the frame in progress has been in progress. Written by the reader, asked by timers.
internal partial struct FrameAssembler
{
    /// <summary>When the frame in progress began, on the clock of <see cref="Time"/>; null: none is, or it is not timed now. Any thread may ask.</summary>
    public readonly long? InProgressSince
        => _progress is { } progress && Volatile.Read(ref progress.TimedFrame) == Volatile.Read(in _frameIndex) && Volatile.Read(ref progress.StoppedAt) < 0
            ? Volatile.Read(ref progress.BeganAt)
            : null;

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
}
