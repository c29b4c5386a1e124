namespace Iocp.Core;

/// <summary>What became of a send.</summary>
public enum SendStatus
{
    /// <summary>Not a result.</summary>
    None,

    /// <summary>Copied and queued; it leaves in the order of the calls. No promise that the peer has it.</summary>
    Queued,

    /// <summary>The connection's send queue is at its bound (<see cref="FrameHostOptions.SendQueueBytesPerConnection"/>); nothing was queued.</summary>
    QueueFull,

    /// <summary>The connection is closed or closing, or the id is stale; nothing was queued and nobody was reached.</summary>
    Closed,

    /// <summary>The framing forbids these bytes; <see cref="SendResult.Rejection"/> says why. Nothing was queued.</summary>
    Refused,
}

/// <summary>What became of a send, and why it was refused if it was.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Rejection">With <see cref="SendStatus.Refused"/>: what is wrong with the bytes.</param>
public readonly record struct SendResult(SendStatus Status, FrameRejection? Rejection = null)
{
    /// <summary>The status, and why the bytes were refused if they were, in one line.</summary>
    public override string ToString() => Rejection is null ? $"{Status}" : $"{Status}: {Rejection}";
}
