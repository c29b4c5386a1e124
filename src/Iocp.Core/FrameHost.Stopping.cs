using Iocp.Core.Engines;

namespace Iocp.Core;

// Stop: accept nobody, let what is queued leave, close, wait until the engine holds nothing. It waits for no application code.
public abstract partial class FrameHost
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();     // never disposed of: a connect may look at its token at any time
    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _stopLock = new();
    private Task? _stopping;
    private Task? _disposing;
    private Exception? _failure;    // of the engine; set before the stop begins
    private volatile bool _aborting;

    private protected bool IsStopping { get; private set; }

    /// <summary>Cancelled when a stop has begun, before it looks whether anything is left to wait for.</summary>
    private protected CancellationToken Stopping => _stop.Token;

    // This thread is in the handler of one of our connections, which cannot close before that has returned.
    private protected bool IsInsideOnFrame => Connections.Any(connection => connection.IsDecodingHere);

    /// <summary>
    /// Completes when the host has stopped, whoever stopped it. Fails when its engine did: then it has stopped by itself, and this says why.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// Stops accepting, sends what is queued (for at most <see cref="FrameHostOptions.DrainTimeout"/>), closes every connection with
    /// <see cref="CloseReason.ServerStopping"/>, and completes when no operation is outstanding. Close notifications follow; frames already received stay
    /// receivable until dispose, but can no longer be answered: sends say <see cref="SendStatus.Closed"/> from the beginning of the stop on.
    /// It waits for no consumer, handler task or notification, so it may be called from any of them, but for each
    /// <see cref="IFrameHandler.OnFrame"/> that is running, which nothing cuts short; called from <see cref="IFrameHandler.OnFrame"/> it only begins to stop, since that connection cannot close before the handler returns.
    /// Calling it again waits for the same stop.
    /// </summary>
    /// <param name="cancellationToken">Makes the stop abortive: connections are reset and what is queued is dropped. The stop still completes, without an exception. Not looked at inside OnFrame.</param>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        Task stopping = BeginStop();
        if (IsInsideOnFrame)
        {
            return Task.CompletedTask;
        }

        return cancellationToken.CanBeCanceled ? AbortableAsync(stopping, cancellationToken) : stopping;
    }

    /// <summary>
    /// Stops if need be, then releases everything: frames of the pull queue that were not taken are dropped and consumers get an <see cref="ObjectDisposedException"/>.
    /// A <see cref="ConnectionHandler"/> that still runs keeps the frames that it has not taken until it ends.
    /// Called from <see cref="IFrameHandler.OnFrame"/> it only begins to, as <see cref="StopAsync"/> does.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Task disposing;
        lock (_stopLock)
        {
            Task stopping = BeginStop();
            disposing = _disposing ??= Task.Run(() => DisposeCoreAsync(stopping));
        }

        return IsInsideOnFrame ? ValueTask.CompletedTask : new ValueTask(disposing);
    }

    /// <summary>The engine cannot go on, and has logged why: every connection is closed abortively, for that reason, and the host stops.</summary>
    internal void Fail(Exception reason)
    {
        CloseAll(new CloseCause(CloseReason.ReceiveFailed, error: reason), CloseMode.Abortive);
        _failure = reason;
        BeginStop();
        Abort();        // there is nothing to drain into
    }

    /// <summary>Ends the listeners, if there are any.</summary>
    private protected virtual Task CloseListenersAsync() => Task.CompletedTask;

    private Task BeginStop()
    {
        lock (_stopLock)
        {
            IsStopping = true;
            return _stopping ??= Task.Run(StopCoreAsync, CancellationToken.None);
        }
    }

    private async Task DisposeCoreAsync(Task stopping)
    {
        await stopping.ConfigureAwait(false);
        Delivery.Dispose();
        _leases?.Clear();
        Backlogs.Clear();
        _abort.Dispose();
    }

    private async Task AbortableAsync(Task stopping, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(static host => ((FrameHost)host!).Abort(), this))
        {
            await stopping.ConfigureAwait(false);
        }
    }

    private void Abort()
    {
        try
        {
            _abort.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed, so stopped.
        }
    }

    private async Task StopCoreAsync()
    {
        try
        {
            await StopAllAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _failure ??= exception;
            throw;
        }
        finally
        {
            // Whatever happened: who waits for the end must not wait for ever.
            if (_failure is null)
            {
                _completion.SetResult();
            }
            else
            {
                _completion.SetException(_failure);
                _ = _completion.Task.Exception;     // observed: whoever does not ask has the log
            }
        }
    }

    private async Task StopAllAsync()
    {
        Log.Stopping(Logger, _table.Count);

        // Not waited for here: a listener closes on its worker, which may be held up by a handler. A connection that is admitted meanwhile closes itself, since IsStopping is set.
        Task listenersClosed = CloseListenersAsync();
        CloseAll(CloseCause.ServerStopping, CloseMode.Graceful);
        Task engineStopped = StopEngineAsync(listenersClosed);
        try
        {
            await engineStopped.WaitAsync(Options.DrainTimeout, Options.TimeProvider, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception) when (!engineStopped.IsFaulted)
        {
            // The time is over, or the caller's patience, or there is no timer for it: then nothing would bound it.
            _aborting = true;
            Interlocked.MemoryBarrier();    // one that CloseAll does not find yet sees this
            CloseAll(CloseCause.ServerStopping, CloseMode.Abortive);
            await engineStopped.ConfigureAwait(false);
        }

        await Wheel.DisposeAsync().ConfigureAwait(false);
        Delivery.Complete();
        Log.Stopped(Logger);
    }

    private async Task StopEngineAsync(Task listenersClosed)
    {
        try
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException)
        {
            // No memory to tell a connect of it: that one ends by itself, and the engine waits for it.
        }

        try
        {
            await listenersClosed.ConfigureAwait(false);
        }
        catch (OutOfMemoryException)
        {
            // The engine closes those that are left once more.
        }

        await ActiveEngine.StopAsync().ConfigureAwait(false);
    }

    private void CloseAll(CloseCause cause, CloseMode mode)
    {
        foreach (Connection connection in Connections)
        {
            try
            {
                connection.RequestClose(cause, mode);
            }
            catch (OutOfMemoryException)
            {
                // The others are closed all the same; of this one its peer, a deadline, or the abort at the end of the drain time is the end.
            }
        }
    }
}
