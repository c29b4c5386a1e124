namespace Framing.Integration;

/// <summary>The system's clock, which may once be asked when there is no memory: where a host first looks at it.</summary>
internal sealed class FailingClock : TimeProvider
{
    private bool _fails;

    public void FailOnce() => Volatile.Write(ref _fails, true);

    public override long GetTimestamp()
        => Interlocked.Exchange(ref _fails, false) ? throw new InsufficientMemoryException("no memory just now") : base.GetTimestamp();
}
