namespace Iocp.Core.Engines.Completions;

/// <summary>
/// Stands before calls on a handle that must not meet its close: on Windows every call that begins an operation, for nothing may be begun between the cancel of what is
/// outstanding and the close; everywhere those that others than the reader and the sender make. (On Unix the runtime disconnects a socket that a thread is inside a call on when it is
/// closed, and what was sent and not yet taken is lost.) A mutable struct: keep it in a field that is not readonly.
/// </summary>
internal struct HandleGate
{
    private int _inside;
    private int _closed;

    /// <summary>Closed, and no thread is inside.</summary>
    public readonly bool IsClosed => Volatile.Read(in _closed) != 0 && !IsBusy;

    /// <summary>A thread is inside a call.</summary>
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
