namespace Iocp.Core;

/// <summary>Why a connection is not being read from.</summary>
[Flags]
internal enum PauseReasons
{
    None = 0,

    /// <summary>The user asked for it.</summary>
    Application = 1,

    /// <summary>The whole receive queue is full, or was and a quarter of it is not free yet, and a frame of this connection waits in line.</summary>
    ReceiveQueue = 2,

    /// <summary>The peer does not take our replies.</summary>
    SendQueue = 4,

    /// <summary>As many bytes of this connection as may wait undelivered do.</summary>
    ReceiveShare = 8,

    /// <summary>No further frame can come; only a close, which discards, reads on.</summary>
    InputEnded = 16,
}

/// <summary>
/// Decides the race of resume against pause: one int, changed by compare-and-swap only, so that whoever resumes learns from the
/// change itself whether the reader had stopped and must be started again.
/// </summary>
/// <remarks>
/// Invariant: Stopped implies a reason to pause and not Released. So the reader is never left stopped behind an open gate, and each
/// TryStop that says true is matched by exactly one Open or Release that says true. One reader; the others call from any thread.
/// A mutable struct: keep it in a field that is not readonly, and never copy it.
/// </remarks>
internal struct ReceiveGate
{
    private const int Reasons = 31;     // every bit of PauseReasons
    private const int Stopped = 32;
    private const int Released = 64;

    private int _state;

    /// <summary>No reason to pause, or released.</summary>
    public bool IsOpen => IsOpenIn(Volatile.Read(ref _state));

    /// <summary>The reader has stopped and nobody has taken it upon himself to start it again.</summary>
    public bool IsStopped => (Volatile.Read(ref _state) & Stopped) != 0;

    /// <summary>Adds a reason to pause. The reader stops when it next asks; without effect after Release.</summary>
    public void Close(PauseReasons reason) => Interlocked.Or(ref _state, (int)reason & Reasons);

    /// <summary>Takes a reason away. True: this opened the gate of a reader that had stopped; the caller, and nobody else, starts it again.</summary>
    public bool Open(PauseReasons reason) => Change(clear: (int)reason & Reasons, set: 0);

    /// <summary>Opens for ever: a closing connection reads and discards. True: as for Open.</summary>
    public bool Release() => Change(clear: 0, set: Released);

    /// <summary>For the reader alone, before it stops. True: it has stopped. False: the gate was opened in the meantime; it reads on.</summary>
    public bool TryStop()
    {
        int state = Volatile.Read(ref _state);
        while (!IsOpenIn(state))
        {
            int seen = Interlocked.CompareExchange(ref _state, state | Stopped, state);
            if (seen == state)
            {
                return true;
            }

            state = seen;
        }

        return false;
    }

    private static bool IsOpenIn(int state) => (state & Reasons) == 0 || (state & Released) != 0;

    private bool Change(int clear, int set)
    {
        int state = Volatile.Read(ref _state);
        while (true)
        {
            int next = (state & ~clear) | set;
            if (IsOpenIn(next))
            {
                next &= ~Stopped;
            }

            int seen = Interlocked.CompareExchange(ref _state, next, state);
            if (seen == state)
            {
                return (state & ~next & Stopped) != 0;
            }

            state = seen;
        }
    }
}
