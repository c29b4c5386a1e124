namespace Framing.Tool.Load;

/// <summary>What a run came to.</summary>
/// <param name="Settings">What was asked for.</param>
/// <param name="Interrupted">Whether a signal ended it early.</param>
/// <param name="Greetings">Messages that came back when the connections had been opened.</param>
/// <param name="Messages">Messages that came back whole and right in the measured time; greetings are not counted.</param>
/// <param name="Verified">All messages that came back whole and right, early, late or measured.</param>
/// <param name="NotSent">Messages that a rate made due on the opened connections and that had not left when sending stopped.</param>
/// <param name="Elapsed">The measured time.</param>
/// <param name="MessageLength">Bytes in a message, header included.</param>
/// <param name="Latency">Of all measured messages.</param>
/// <param name="Errors">What went wrong in the whole run.</param>
internal sealed record LoadResult(
    LoadSettings Settings, bool Interrupted, long Greetings, long Messages, long Verified, long NotSent, TimeSpan Elapsed, int MessageLength, LatencySummary Latency, LoadErrors Errors)
{
    public double MessagesPerSecond => Messages / Math.Max(Elapsed.TotalSeconds, 1e-6);

    /// <summary>In each direction, a megabyte being 1,000,000 bytes.</summary>
    public double MegabytesPerSecond => MessagesPerSecond * MessageLength / 1e6;
}
