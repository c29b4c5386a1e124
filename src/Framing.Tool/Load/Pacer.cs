namespace Framing.Tool.Load;

/// <summary>
/// Open loop: releases messages at a fixed total rate, whatever comes back, in turn over the connections. Message k of all is due at start + k / rate.
/// </summary>
internal sealed class Pacer(LoadContext context, IReadOnlyList<LoadConnection?> connections, int rate)
{
    // A sleeping thread wakes about a millisecond apart: what leaves at its first wake is on time.
    private static readonly TimeSpan WakeUp = TimeSpan.FromMilliseconds(2);

    private Thread? _thread;
    private long _released;
    private volatile bool _stopped;

    /// <summary>Begins. On a thread of its own: the pool's are busy with echoes.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "load pacer" };
        _thread.Start();
    }

    /// <summary>Ends when all that it has released was tried: only then is what has not left the server's doing.</summary>
    public void Stop()
    {
        _stopped = true;
        _thread?.Join();
    }

    /// <summary>
    /// The time from which a message's latency counts: when it leaves, or, in open loop, when it was due if something held it up. Time spent waiting
    /// for a slow server is thus part of the latency and not omitted; what never left has none, and is counted instead.
    /// </summary>
    public static long SendTime(LoadContext context, int connection, long serial, long now, bool behind)
    {
        if (context.Settings.Rate is not { } rate || serial == 0)
            return now;
        var ofAll = ((serial - 1) * context.Settings.Connections) + connection;
        var due = context.StartedAt + (long)(ofAll * (double)context.Time.TimestampFrequency / rate);
        return behind || context.Time.GetElapsedTime(due, now) > WakeUp ? Math.Min(due, now) : now;
    }

    private void Run()
    {
        while (!_stopped)
        {
            var due = (long)(context.Time.GetElapsedTime(context.StartedAt).TotalSeconds * rate) + 1;
            ReleaseUpTo(due);
            Thread.Sleep(1);
        }
    }

    private void ReleaseUpTo(long due)
    {
        // First all releases, then one look at each connection: what is due on one leaves in one send.
        var first = _released;
        for (; _released < due; _released++)
            connections[(int)(_released % connections.Count)]?.Release(1);      // null: it could not be opened

        var touched = (int)Math.Min(due - first, connections.Count);
        for (var i = 0; i < touched; i++)
            connections[(int)((first + i) % connections.Count)]?.SendDue();
    }
}
