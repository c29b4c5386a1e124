using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Iocp.Core.Engines;

/// <summary>What the system had no memory or no buffers for: each gets another turn after a pause, and the log says so when one begins. Any thread.</summary>
/// <param name="logger">The host's.</param>
/// <param name="retry">Gives an item its turn; one that fails again is added again.</param>
internal sealed class ShortageQueue<T>(ILogger logger, Action<T> retry)
{
    // A shortage is the machine's: no fake clock stands for its end.
    private readonly RetryQueue<T> _waiting = new(TimeProvider.System, items =>
    {
        foreach (T item in items)
        {
            BackOff.RetryUntilDone(retry, item);
        }
    });

    /// <summary>Without effect after <see cref="Close"/>.</summary>
    public void Add(T item, SocketError error)
    {
        if (_waiting.TryAdd(item, out TimeSpan? pause) && pause is { } begun)
        {
            Log.Shortage(logger, error, (long)begun.TotalMilliseconds);
        }
    }

    /// <summary>Nothing waits any more.</summary>
    public void Close() => _waiting.Close();
}
