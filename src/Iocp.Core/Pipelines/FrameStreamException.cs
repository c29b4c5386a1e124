namespace Iocp.Core;

/// <summary>A stream of frames ended other than cleanly.</summary>
public sealed class FrameStreamException : IOException
{
    internal FrameStreamException(CloseReason reason, string message, FrameRejection? rejection, long streamOffset, long bytesHeld, Exception? cause)
        : base(message, cause)
        => (Reason, Rejection, StreamOffset, BytesHeld) = (reason, rejection, streamOffset, bytesHeld);

    /// <summary><see cref="CloseReason.FrameRejected"/>, <see cref="CloseReason.TruncatedFrame"/> or <see cref="CloseReason.DecoderFailed"/>.</summary>
    public CloseReason Reason { get; }

    /// <summary>What was wrong, with <see cref="CloseReason.FrameRejected"/>.</summary>
    public FrameRejection? Rejection { get; }

    /// <summary>Offset in the stream of the first byte of the frame that was not delivered.</summary>
    public long StreamOffset { get; }

    /// <summary>Bytes of that frame that had come, with <see cref="CloseReason.TruncatedFrame"/>.</summary>
    public long BytesHeld { get; }
}
