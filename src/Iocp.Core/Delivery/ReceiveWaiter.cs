using System.Threading.Tasks.Sources;
using Iocp.Core.Engines;

namespace Iocp.Core;

/// <summary>One consumer that waits; pooled, so that waiting allocates nothing. Completes on the thread pool: a consumer never runs on an engine's thread.</summary>
internal sealed class ReceiveWaiter(ReceiveWaiters owner) : IValueTaskSource<FrameLease?>, IThreadPoolWorkItem, ILinked<ReceiveWaiter>
{
    private ManualResetValueTaskSourceCore<FrameLease?> _core;
    private CancellationTokenRegistration _cancellation;
    private PoolTurn _turn;
    private FrameLease? _lease;
    private Exception? _error;

    public ReceiveWaiter? Next { get; set; }

    public ReceiveWaiter? Previous { get; set; }

    public ValueTask<FrameLease?> Task => new(this, _core.Version);

    public void CancelWith(CancellationToken cancellationToken)
        => _cancellation = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var waiter = (ReceiveWaiter)state!;
                waiter.Owner.Cancel(waiter, token);
            },
            this);

    /// <summary>Completes with a lease, with null, or with an error; called once, by whoever took it out of the list.</summary>
    public void Complete(FrameLease? lease, Exception? error)
    {
        (_lease, _error) = (lease, error);
        BackOff.RetryUntilDone(static waiter => waiter._turn.Queue(waiter), this);      // nobody else knows of this consumer any more, nor of its frame
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (!_turn.TryTake())
        {
            return;
        }

        if (_error is { } error)
        {
            _core.SetException(error);
        }
        else
        {
            _core.SetResult(_lease);
        }
    }

    FrameLease? IValueTaskSource<FrameLease?>.GetResult(short token)
    {
        // Waits for a cancellation callback in progress: it must not meet this object in its next use.
        _cancellation.Dispose();
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            (_lease, _error, _cancellation) = (null, null, default);
            Owner.Reuse(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<FrameLease?>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<FrameLease?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);

    private ReceiveWaiters Owner { get; } = owner;
}
