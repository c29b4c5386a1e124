using Microsoft.Extensions.Logging;

namespace Iocp.Core;

/// <summary>
/// The application's logger, called from threads that must not end: one of the engine's serves many connections. What it throws is dropped, for
/// there is nowhere to say it.
/// </summary>
internal sealed class GuardedLogger(ILogger logger) : ILogger
{
    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;     // the core has none
}
