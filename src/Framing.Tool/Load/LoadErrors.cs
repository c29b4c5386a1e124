namespace Framing.Tool.Load;

/// <summary>What went wrong, counted, and the first few in words. Any thread.</summary>
internal sealed class LoadErrors
{
    private const int MaxSamples = 5;

    private readonly Lock _lock = new();
    private readonly List<string> _samples = [];

    /// <summary>Connections that could not be opened.</summary>
    public int Connect { get; private set; }

    /// <summary>Connections that ended before we ended them.</summary>
    public int Closed { get; private set; }

    /// <summary>Connections on which something else came back than was sent.</summary>
    public int Wrong { get; private set; }

    /// <summary>Messages that never came back.</summary>
    public long Lost { get; private set; }

    public bool Any => Connect > 0 || Closed > 0 || Wrong > 0 || Lost > 0;

    public IReadOnlyList<string> Samples
    {
        get
        {
            lock (_lock)
                return [.. _samples];
        }
    }

    public void AddConnect(int connection, string message) => Add(() => Connect++, $"connection {connection}: cannot connect: {message}");

    public void AddClosed(int connection, string message) => Add(() => Closed++, $"connection {connection}: {message}");

    public void AddWrong(int connection, string message) => Add(() => Wrong++, $"connection {connection}: {message}");

    public void AddLost(int connection, long messages, bool answered) => Add(
        () => Lost += messages,
        $"connection {connection}: {messages} sent and never came back{(answered ? "" : ", nor any other byte; the server may not have accepted it, for its --max-connections")}");

    private void Add(Action count, string sample)
    {
        lock (_lock)
        {
            count();
            if (_samples.Count < MaxSamples)
                _samples.Add(sample);
        }
    }
}
