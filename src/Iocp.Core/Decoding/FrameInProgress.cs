namespace Iocp.Core;

/// <summary>
/// What is known of a frame that has begun and is not whole. Made when a read first cuts a frame, which most idle connections never see;
/// then kept for the next one.
/// </summary>
internal sealed class FrameInProgress
{
    /// <summary>Its bytes so far, those taken to itself by the decoder excepted; also bytes kept undecoded by a pause.</summary>
    public FrameTail Tail;

    /// <summary>Total tail bytes before the decoder wants another look.</summary>
    public int Needed;

    /// <summary>Bytes of it that the decoder has taken to itself.</summary>
    public int Absorbed;

    /// <summary>FrameRejection or Exception: the stream ends inside this frame. Sticky.</summary>
    public object? Verdict;
}
