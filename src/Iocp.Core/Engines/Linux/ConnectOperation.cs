namespace Iocp.Core.Engines.Linux;

/// <summary>One connect in progress, on its worker; it ends with exactly one <see cref="Finish"/>.</summary>
internal abstract class ConnectOperation(Worker worker, int descriptor) : IWorkItem
{
    private const int StartRequested = 1;
    private const int CancelRequested = 2;

    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _cancellation;
    private RequestBits _requests;

    protected Worker Worker { get; } = worker;

    protected int Socket { get; } = descriptor;

    protected bool IsFinished => _finished.Task.IsCompleted;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken;
        Post(StartRequested);
        using (RegisterCancel())
        {
            await _finished.Task.ConfigureAwait(false);
        }

        CancellationTokenRegistration RegisterCancel()
        {
            try
            {
                return cancellationToken.UnsafeRegister(static operation => ((ConnectOperation)operation!).Post(CancelRequested), this);
            }
            catch (OutOfMemoryException)
            {
                return default;     // it has begun, so its end must be seen, if it comes only by itself
            }
        }
    }

    void IWorkItem.Run()
    {
        int requests = _requests.Take();
        if (IsFinished)
        {
            return;
        }

        if ((requests & StartRequested) != 0)
        {
            try
            {
                Start();
            }
            catch (Exception exception)
            {
                _finished.TrySetException(exception);   // want of memory, or of room among what is watched: nothing is outstanding
            }
        }

        if ((requests & CancelRequested) != 0 && !IsFinished)
        {
            Cancel();
        }
    }

    protected abstract void Start();

    protected abstract void Cancel();

    /// <summary>Nothing is outstanding any more: connected (0), cancelled, or failed.</summary>
    protected void Finish(int errno)
    {
        if (errno == 0)
        {
            _finished.SetResult();
        }
        else if (errno == Libc.ECANCELED)
        {
            _finished.SetCanceled(_cancellation);
        }
        else
        {
            _finished.SetException(SocketErrors.From(errno));
        }
    }

    private void Post(int requests) => _requests.Post(requests, Worker, this);
}
