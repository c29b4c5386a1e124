using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>
/// Receives of connections that have just been answered, put off by a turn of their worker. A peer that was answered asks again, and while the worker sees to
/// others its bytes arrive: then the receive takes them where it is submitted, without a poll and a wake-up in the kernel. The busier the worker, the more often
/// that is so. When buffers run out, receives of those that got one are put off in the same way.
/// </summary>
internal sealed class DeferredReceives
{
    private const int ShortTurns = 2;

    private List<UringConnection> _due = [];
    private List<UringConnection> _added = [];
    private readonly TrialPeriod _trial = new();
    private int _shortTurns;

    /// <summary>The connection's receive is submitted in the turn after the next, when its answer has left.</summary>
    public void Add(UringConnection connection) => _added.Add(connection);

    /// <summary>Whether a receive that is put off now would probably find something; asked once for each.</summary>
    public bool IsWorthIt() => _trial.IsWorthTrying();

    /// <summary>A receive that was put off and tried found nothing.</summary>
    public void OnFoundNothing() => _trial.OnFailed(1);

    /// <summary>
    /// Whether buffers ran out in this turn or the one before: those that got one are put off then, so that those that got none are not always behind them.
    /// </summary>
    public bool BuffersAreShort => _shortTurns > 0;

    /// <summary>Whether buffers ran out in this turn.</summary>
    public bool BuffersRanOut => _shortTurns == ShortTurns;

    /// <summary>A receive found no buffer.</summary>
    public void OnShortage() => _shortTurns = ShortTurns;

    /// <summary>A turn begins.</summary>
    /// <param name="worker">Told of what fails.</param>
    /// <returns>Whether some are due in the next one: the worker must not sleep before.</returns>
    public bool ReceiveDue(Worker worker)
    {
        _shortTurns -= BuffersAreShort ? 1 : 0;

        // Others were answered since, so time has passed, and data is probably there: try. Otherwise poll first.
        bool tryFirst = _added.Count > 0;
        _trial.OnTried(_due.Count);
        _trial.OnFailed(tryFirst ? 0 : _due.Count);
        foreach (UringConnection connection in _due)
        {
            try
            {
                connection.ReceiveDeferred(tryFirst);
            }
            catch (Exception exception)
            {
                worker.OnWorkFailed(exception);
            }
        }

        _due.Clear();
        (_due, _added) = (_added, _due);
        return _due.Count > 0;
    }
}
