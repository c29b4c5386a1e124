using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines;

namespace Iocp.Core;

/// <summary>Accepts connections, frames what they send, and hands the frames over. Made, started and stopped once.</summary>
public sealed class FrameServer : FrameHost
{
    private readonly FrameServerOptions _options;
    private readonly Lock _startLock = new();
    private readonly List<IEngineListener> _listeners = [];
    private bool _started;

    /// <summary>Copies and validates the options, and chooses the engine; nothing listens yet.</summary>
    /// <exception cref="ArgumentException">An option is out of range or contradicts another; the message names it, its value and the range.</exception>
    /// <exception cref="PlatformNotSupportedException">The options force an engine that this machine lacks.</exception>
    public FrameServer(FrameServerOptions options)
        : this(Validated(options), 0)
    {
    }

    private FrameServer(FrameServerOptions options, int _)
        : base(options, typeof(FrameServer).FullName!)
        => _options = options;

    /// <summary>Where the server listens, in the order of the options, port 0 resolved; empty before start.</summary>
    public IReadOnlyList<EndPoint> EndPoints { get; private set; } = [];

    /// <summary>Binds every listener and begins to accept; when one cannot be bound, none stays bound, and the start may be tried again.</summary>
    /// <param name="cancellationToken">Checked before anything is bound.</param>
    /// <exception cref="InvalidOperationException">Started before, or stopped.</exception>
    /// <exception cref="ListenException">An end point cannot be bound, for example because its port is in use.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_startLock)
        {
            if (IsStopping || _started)
            {
                throw new InvalidOperationException(IsStopping
                    ? "The server has stopped; a stopped server does not start again: make a new one."
                    : "The server was started already.");
            }

            _started = true;
        }

        foreach (ListenerOptions listener in _options.Listeners)
        {
            try
            {
                _listeners.Add(Machine.Listen(listener, new ConnectionOrigin(this, listener.Framing, listener)));
            }
            catch (SocketException exception)
            {
                await CloseListenersAsync().ConfigureAwait(false);
                _listeners.Clear();
                _started = false;
                throw new ListenException(listener.EndPoint, exception);
            }
        }

        EndPoints = [.. _listeners.Select(listener => listener.EndPoint)];
        foreach ((IEngineListener listener, ListenerOptions options) in _listeners.Zip(_options.Listeners))
        {
            listener.StartAccepting();
            Log.Listening(Logger, listener.EndPoint, options.Framing.Name, Engine);
        }
    }

    private protected override async Task CloseListenersAsync()
    {
        foreach (IEngineListener listener in _listeners)
        {
            await listener.CloseAsync().ConfigureAwait(false);
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
