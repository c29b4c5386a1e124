namespace Iocp.Core;

/// <summary>
/// Makes timers that do not capture the execution context of their maker: one that lives as long as the server would keep, and run
/// under, the Activity and the async locals of whoever happened to start it.
/// </summary>
internal static class DetachedTimer
{
    /// <summary>A timer that is not set yet.</summary>
    public static ITimer Create(TimeProvider timeProvider, TimerCallback callback, object state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return timeProvider.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return timeProvider.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
