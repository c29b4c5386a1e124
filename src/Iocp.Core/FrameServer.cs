using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Iocp.Core.Engines;

namespace Iocp.Core;

/// <summary>Accepts connections, frames what they send, and hands the frames over. Made, started and stopped once.</summary>
public sealed class FrameServer : FrameHost
{
    private readonly FrameServerOptions _options;
    private readonly Lock _startLock = new();
    private readonly List<IEngineListener> _listeners = [];
    private bool _started;
    private Task? _listenersClosing;

    /// <summary>Copies and validates the options, and chooses the engine; nothing listens yet.</summary>
    /// <exception cref="ArgumentException">An option is out of range or contradicts another; the message names it, its value and the range.</exception>
    /// <exception cref="PlatformNotSupportedException">The options force an engine that this machine lacks.</exception>
    /// <exception cref="SocketException">The system has no descriptor or no memory left for the engine (Linux).</exception>
    public FrameServer(FrameServerOptions options)
        : base(Validated(options), typeof(FrameServer).FullName!)
        => _options = (FrameServerOptions)Options;      // the copy

    /// <summary>Where the server listens, in the order of the options, port 0 resolved; empty before start.</summary>
    public IReadOnlyList<EndPoint> EndPoints { get; private set; } = [];

    /// <summary>
    /// Binds every listener and begins to accept. When one cannot be bound, none stays bound, and the start may be tried again; when one cannot begin to accept,
    /// for which it takes a want of memory, the server stops.
    /// </summary>
    /// <param name="cancellationToken">Checked before anything is bound.</param>
    /// <exception cref="InvalidOperationException">Started before, or stopped.</exception>
    /// <exception cref="ListenException">An end point cannot be bound, for example because its port is in use.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Exception? failure;
        IEngineListener[] bound;
        bool allBound;
        lock (_startLock)
        {
            if (IsStopping || _started)
            {
                throw new InvalidOperationException(IsStopping
                    ? "The server has stopped; a stopped server does not start again: make a new one."
                    : "The server was started already.");
            }

            failure = Bind();
            bound = [.. _listeners];
            allBound = failure is null;
            if (allBound)
            {
                _started = true;
                EndPoints = [.. bound.Select(listener => listener.EndPoint)];
                failure = Accept(bound);
            }
            else
            {
                _listeners.Clear();
            }

            if (failure is null)
            {
                return;
            }
        }

        if (allBound)
        {
            await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);   // clients may have been accepted
        }

        foreach (IEngineListener listener in bound)
        {
            await listener.CloseAsync().ConfigureAwait(false);
        }

        ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>
    /// Closes the listeners and goes on serving who is connected: the first half of a stop that waits for its peers (see <see cref="FrameHost.WhenEmptyAsync"/>), while a
    /// successor takes the ports over. Who has connected and is not accepted yet is reset. <see cref="EndPoints"/> stays. Nothing happens before the start, and the second time.
    /// Called from <see cref="IFrameHandler.OnFrame"/> it only begins to, as <see cref="FrameHost.StopAsync"/> does: a listener may need that thread to close.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the listeners close all the same.</param>
    public Task StopAcceptingAsync(CancellationToken cancellationToken = default)
    {
        Task closing = CloseListenersAsync();
        return IsInsideOnFrame ? Task.CompletedTask : closing.WaitAsync(cancellationToken);
    }

    private protected override Task CloseListenersAsync()
    {
        lock (_startLock)
        {
            // Before the start there are none, and none will come where it is asked by a stop.
            return _started ? _listenersClosing ??= Task.Run(() => Task.WhenAll(_listeners.Select(listener => listener.CloseAsync()))) : Task.CompletedTask;
        }
    }

    private Exception? Bind()
    {
        foreach (ListenerOptions options in _options.Listeners)
        {
            try
            {
                _listeners.Add(ActiveEngine.Listen(new ConnectionOrigin(this, options.Framing, options)));
            }
            catch (SocketException exception)
            {
                return new ListenException(options.EndPoint, exception);
            }
            catch (Exception exception)
            {
                return exception;       // no memory, or a framing that throws: nothing stays bound either
            }
        }

        return null;
    }

    private Exception? Accept(IEngineListener[] bound)
    {
        try
        {
            foreach ((IEngineListener listener, ListenerOptions options) in bound.Zip(_options.Listeners))
            {
                listener.StartAccepting();
                Log.Listening(Logger, listener.EndPoint, options.Framing.Name, Engine);
            }

            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static FrameServerOptions Validated(FrameServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        FrameServerOptions copy = options.Copy();
        OptionsValidation.Validate(copy);
        return copy;
    }
}
