using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Framing.Integration;

/// <summary>Keeps every log message.</summary>
internal sealed class Journal : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _messages = [];

    /// <summary>How many messages begin so, of that level if one is given.</summary>
    public int Count(string beginning, LogLevel? level = null)
        => _messages.Count(message => message.Text.StartsWith(beginning, StringComparison.Ordinal) && (level is null || message.Level == level));

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _messages.Enqueue((logLevel, formatter(state, exception)));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
