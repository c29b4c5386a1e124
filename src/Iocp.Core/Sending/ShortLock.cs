using System.Diagnostics.CodeAnalysis;

namespace Iocp.Core;

/// <summary>
/// A lock for a few instructions and a copy: one exchange to enter and one write to leave, in one byte; a monitor would cost a frame as
/// much as its decoding. Whoever finds it taken spins, and soon gives the processor away. Not reentrant; nothing may be called while it
/// is held that blocks or that the application wrote.
/// A mutable struct: keep it in a field that is not readonly, and never copy it.
/// </summary>
internal struct ShortLock
{
    private byte _taken;

    /// <summary>Enters; disposing what is returned leaves.</summary>
    [UnscopedRef]
    public Scope Enter()
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
        {
            Wait();
        }

        return new Scope(ref _taken);
    }

    private void Wait()
    {
        SpinWait spin = default;
        do
        {
            spin.SpinOnce(sleep1Threshold: -1);     // a worker that slept for a millisecond would keep all of its connections waiting for one long copy
        }
        while (Volatile.Read(ref _taken) != 0 || Interlocked.Exchange(ref _taken, 1) != 0);
    }

    public readonly ref struct Scope(ref byte taken)
    {
        private readonly ref byte _taken = ref taken;

        public void Dispose() => Volatile.Write(ref _taken, 0);
    }
}
