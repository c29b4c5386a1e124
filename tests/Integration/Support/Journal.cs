using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Framing.Integration;

/// <summary>Keeps every log message.</summary>
internal sealed class Journal : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> _messages = [];

    /// <summary>Every category that was asked for.</summary>
    public ConcurrentQueue<string> Categories { get; } = [];

    public IEnumerable<string> Texts => _messages.Select(message => message.Text);

    /// <summary>How many messages there are.</summary>
    public int Total => _messages.Count;

    /// <summary>How many messages begin so, of that level if one is given.</summary>
    public int Count(string beginning, LogLevel? level = null)
        => Beginning(beginning).Count(message => level is null || message.Level == level);

    /// <summary>The exception of the only message that begins so.</summary>
    public Exception? ExceptionOf(string beginning) => Beginning(beginning).Single().Exception;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _messages.Enqueue((logLevel, formatter(state, exception), exception));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName)
    {
        Categories.Enqueue(categoryName);
        return this;
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private IEnumerable<(LogLevel Level, string Text, Exception? Exception)> Beginning(string beginning)
        => _messages.Where(message => message.Text.StartsWith(beginning, StringComparison.Ordinal));
}
