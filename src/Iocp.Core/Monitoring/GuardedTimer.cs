namespace Iocp.Core;

/// <summary>
/// A timer of the application's clock, set where nothing may throw. When it cannot be set, another is: it comes after as much of the system's time, and who
/// is called looks at the clock.
/// </summary>
internal sealed class GuardedTimer(ITimer timer, ITimer substitute, Action<Exception> failed) : ITimer
{
    private int _fails;     // 1: it was said

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        try
        {
            bool changed = timer.Change(dueTime, period);
            Volatile.Write(ref _fails, 0);
            return changed;
        }
        catch (Exception exception)
        {
            if (Interlocked.Exchange(ref _fails, 1) == 0)
            {
                failed(exception);
            }

            return substitute.Change(dueTime, period);
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

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
