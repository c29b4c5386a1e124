namespace Iocp.Core;

// A frame or a send only writes a time stamp; the connection's one entry in the timer wheel looks at the stamps when it fires and says
// when to look again. Since a stamp is never older than the last look, looking once a timeout never misses a deadline. Whoever brings a deadline nearer
// says so to the wheel: a close, and the end of a pause.
public abstract partial class Connection : ITimerEntry<Connection>
{
    private TimerLink<Connection> _timerLink;

    ref TimerLink<Connection> ITimerEntry<Connection>.TimerLink => ref _timerLink;

    /// <summary>When to look first, in milliseconds on the host's clock; -1: no deadline is set.</summary>
    internal long FirstDue => NextDue(Host.Now);

    long ITimerEntry<Connection>.OnTimer(long now) => NextDue(now);

    private long NextDue(long now)
    {
        FrameHostOptions options = Host.Options;
        long next = long.MaxValue;

        if (Has(AbortFailed))
        {
            return TryRequestAbort() ? -1 : now + AbortRetryTime;
        }

        if (Passed(SendDue(now)))
        {
            RequestClose(CloseCause.SendTimeout, CloseMode.Abortive);
            return -1;
        }

        if (Has(CloseRequested | InputEnded))
        {
            // Asked before the time: once a close has finished sending, its drain time is over, and what passes is the linger time.
            bool lingers = Has(SendingFinished);
            if (Passed(_ending!.PhaseDue))
            {
                if (lingers)
                {
                    FinishClose();      // all has left, and the system goes on delivering it
                    return -1;
                }

                FinishInput();          // does nothing more where a close has begun meanwhile
            }

            return Next();
        }

        // While we are the ones who do not read, the peer is not to blame.
        bool paused = IsPaused;
        if (FramesReceived == 0 && Limit(options.FirstFrameTimeout, out long limit) && Passed((paused ? now : Math.Max(_acceptedAt, _assembler.FirstFrameFrom)) + limit))
        {
            RequestClose(CloseCause.FirstFrameTimeout, CloseMode.Graceful);
        }
        else if (Limit(options.FrameTimeout, out limit) && Passed((paused ? now : _assembler.InProgressSince ?? now) + limit))
        {
            RequestClose(CloseCause.FrameTimeout, CloseMode.Graceful);
        }
        else if (Limit(options.IdleTimeout, out limit) && Passed((paused ? now : _lastReceived) + limit))
        {
            RequestClose(CloseCause.IdleTimeout, CloseMode.Graceful);
        }

        return Next();

        bool Passed(long due)
        {
            next = Math.Min(next, due);
            return now >= due;
        }

        // A close that was just requested has scheduled its own deadline, or left sends behind that SendTimeout looks at.
        long Next() => next == long.MaxValue ? -1 : Math.Max(next, now + 1);
    }

    // Nothing in flight counts from now: whatever is sent next is not due before that.
    private long SendDue(long now)
        => Limit(Host.Options.SendTimeout, out long limit) ? (_sends.WaitsSince ?? now) + limit : long.MaxValue;

    // We were not reading, so the deadlines start afresh. Before the gate opens: whoever sees it open must see the new start.
    private void RestartDeadlines()
    {
        long now = _lastReceived = Host.Now;
        if (FramesReceived == 0 && Limit(Host.Options.FirstFrameTimeout, out _))
        {
            _assembler.WaitForFirstFrame(now);
        }
    }

    // The reader begins again, or has not stopped after all: what is left of the time of the frame in progress runs on.
    private void ResumeFrameTimeout(long now)
    {
        _assembler.ResumeTiming(now);
        ScheduleFrameTimeout();
    }

    // While reading was paused nobody looked at the frame in progress.
    private void ScheduleFrameTimeout()
    {
        if (_assembler.InProgressSince is { } since && Limit(Host.Options.FrameTimeout, out long limit))
        {
            Host.Wheel.Schedule(this, since + limit);
        }
    }

    private static bool Limit(TimeSpan timeout, out long milliseconds)
    {
        milliseconds = (long)timeout.TotalMilliseconds;
        return milliseconds >= 0;
    }
}
