namespace Iocp.Core;

/// <summary>Totals of a server or client since it was made, read without stopping anything: the figures are each exact, but not of one instant.</summary>
public sealed class FrameHostStatistics
{
    /// <summary>Connections open now, those included whose close notification is still due.</summary>
    public int Connections { get; internal init; }

    /// <summary>Connections accepted or made.</summary>
    public long Accepted { get; internal init; }

    /// <summary>Frames decoded, and delivered or queued for delivery.</summary>
    public long FramesReceived { get; internal init; }

    /// <summary>Bytes received.</summary>
    public long BytesReceived { get; internal init; }

    /// <summary>
    /// Sends that have left, or were queued on a connection when the system last took bytes of it; one send may hold several frames. Where connections end with
    /// something queued, more than have left.
    /// </summary>
    public long FramesSent { get; internal init; }

    /// <summary>Bytes that the system has taken for sending.</summary>
    public long BytesSent { get; internal init; }

    /// <summary>Sends that the framing refused (<see cref="SendStatus.Refused"/>): nothing of them was queued. More than 0 is mostly a mistake of the application.</summary>
    public long SendsRefused { get; internal init; }

    /// <summary>Frames waiting in the pull queue.</summary>
    public int ReceiveQueueFrames { get; internal init; }

    /// <summary>Bytes waiting in the pull queue.</summary>
    public long ReceiveQueueBytes { get; internal init; }

    /// <summary>Connections closed, by reason; reasons that never occurred are absent.</summary>
    public required IReadOnlyDictionary<CloseReason, long> Closed { get; init; }
}
