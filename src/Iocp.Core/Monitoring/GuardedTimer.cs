namespace Iocp.Core;

/// <summary>
/// A timer of the application's clock, set where nothing may throw. When it cannot be set, another is: it comes after as much of the system's time, and who
/// is called looks at the clock.
/// </summary>
internal sealed class GuardedTimer(ITimer timer, ITimer substitute, Action<Exception> failed) : IDisposable
{
    private int _fails;     // 1: it was said

    /// <summary>Has it called once, after that time, and no more for what was set before.</summary>
    public void Set(TimeSpan dueTime)
    {
        try
        {
            timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _fails, 0);
        }
        catch (Exception exception)
        {
            if (Interlocked.Exchange(ref _fails, 1) == 0)
            {
                failed(exception);
            }

            substitute.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        substitute.Dispose();
        try
        {
            timer.Dispose();
        }
        catch (Exception exception)
        {
            failed(exception);
        }
    }
}
