namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// Stands before every call that begins an operation on a handle. Invariant: nothing is begun between the cancel of what is outstanding and the close of the
/// handle. A mutable struct: keep it in a field that is not readonly.
/// </summary>
internal struct IssueGate
{
    private int _inside;
    private int _closed;

    /// <summary>Closed, and no thread is inside a call that could begin something.</summary>
    public readonly bool IsClosed => Volatile.Read(in _closed) != 0 && !IsBusy;

    /// <summary>A thread is inside a call that may begin something.</summary>
    public readonly bool IsBusy => Volatile.Read(in _inside) != 0;

    /// <summary>Before the call; false: it must not be made. Otherwise <see cref="Exit"/> follows it.</summary>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _inside);
        if (Volatile.Read(ref _closed) == 0)
        {
            return true;
        }

        Exit();
        return false;
    }

    public void Exit() => Interlocked.Decrement(ref _inside);

    /// <summary>Lets nobody in any more, and waits for who is inside: one system call that does not block.</summary>
    public void Close()
    {
        Interlocked.Exchange(ref _closed, 1);
        var wait = default(SpinWait);
        while (IsBusy)
        {
            wait.SpinOnce();
        }
    }
}
