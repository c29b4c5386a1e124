namespace Framing.Integration;

/// <summary>The system's clock, which may once be asked when there is no memory: where a host looks at it.</summary>
internal sealed class FailingClock : TimeProvider
{
    private int _looks;     // until the one that fails, that one included

    /// <summary>One look fails: the next, or one after some more.</summary>
    public void FailOnce(int passing = 0) => Volatile.Write(ref _looks, passing + 1);

    public override long GetTimestamp()
        => Interlocked.Decrement(ref _looks) == 0 ? throw new InsufficientMemoryException("no memory just now") : base.GetTimestamp();
}
