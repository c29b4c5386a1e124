namespace Iocp.Core.Engines.IoUring;

/// <summary>
/// Finds out whether something is worth trying: for a while it is tried every time, and if it hardly ever succeeded not at all for longer. A sample now and then would not do:
/// whether one succeeds depends on whether the others are tried too. Not thread-safe.
/// </summary>
internal sealed class TrialPeriod
{
    // A trial lasts until there were both.
    private const int MinTries = 16_384;
    private const int MinTurns = 16;

    // Afterwards so often it is not tried.
    private const int Rest = 8 * MinTries;

    // One success in so many is enough. A load that can succeed goes through times in which one in ten does; one that cannot stays below one in fifty.
    private const int TriesPerSuccess = 32;

    private long _tries;
    private long _failures;
    private int _turns;
    private int _resting;

    /// <summary>Whether to try this time; asked once for each time.</summary>
    public bool IsWorthTrying()
    {
        if (_resting == 0)
        {
            return true;
        }

        _resting--;
        return false;
    }

    /// <summary>A turn's tries have begun; those of earlier turns that failed have been told.</summary>
    public void OnTried(int count)
    {
        if (_tries >= MinTries && _turns >= MinTurns)
        {
            _resting = (_tries - _failures) * TriesPerSuccess < _tries ? Rest : 0;
            _tries = 0;
            _failures = 0;
            _turns = 0;
        }

        if (count > 0 && _resting == 0)
        {
            _tries += count;
            _turns++;
        }
    }

    /// <summary>So many tries of earlier turns failed. During a rest they are of a trial that is over.</summary>
    public void OnFailed(int count) => _failures += _resting > 0 ? 0 : count;
}
