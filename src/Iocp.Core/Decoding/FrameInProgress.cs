namespace Iocp.Core;

/// <summary>
/// What is known of a frame that has begun and is not whole. Made when a read first cuts a frame, or receiving is paused before the first one, which
/// most idle connections never see; then kept for the next one.
/// </summary>
internal sealed class FrameInProgress
{
    /// <summary>Its bytes so far, those taken to itself by the decoder excepted; also bytes kept undecoded by a pause.</summary>
    public FrameTail Tail;

    /// <summary>Total tail bytes before the decoder wants another look.</summary>
    public int Needed;

    /// <summary>Bytes of it that the decoder has taken to itself.</summary>
    public int Absorbed;

    /// <summary>Stream offset of the first of those; without meaning while there are none. What is skipped between them is of no frame.</summary>
    public long AbsorbedFrom;

    /// <summary>Whether the last frame was one that the decoder holds itself.</summary>
    public bool Assembled;

    /// <summary>Index of the frame that is timed; if it is not the next frame's, none is. Written with <see cref="Volatile"/>, as the two fields below, because timers read it.</summary>
    public long TimedFrame = -1;

    /// <summary>When that frame began, later by as long as the connection was not read from since.</summary>
    public long BeganAt;

    /// <summary>Since when the connection has not been read from; -1: it is.</summary>
    public long StoppedAt = -1;

    /// <summary>When the wait for the first frame began again, at the end of a pause; 0: it runs from the accept.</summary>
    public long FirstFrameFrom;

    /// <summary>FrameRejection or Exception: the stream ends inside this frame. Sticky.</summary>
    public object? Verdict;

    /// <summary>Nothing is in progress, and nothing of the last frame is to be given back: what comes next may be decoded where it lies. As <see cref="Settle"/> found it: it is asked for each frame.</summary>
    public bool IsAtRest { get; private set; } = true;

    /// <summary>Something of the above has changed, or may have.</summary>
    public void Settle() => IsAtRest = Tail is { IsEmpty: true, Capacity: 0 } && Absorbed == 0 && !Assembled && Verdict is null;
}
