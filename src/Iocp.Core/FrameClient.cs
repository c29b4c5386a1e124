using System.Net;
using System.Net.Sockets;

namespace Iocp.Core;

/// <summary>
/// Makes connections outward: the same framing, delivery, sending and close notifications as <see cref="FrameServer"/>, any number of
/// connections on one engine.
/// </summary>
public sealed class FrameClient : FrameHost
{
    private readonly FrameClientOptions _options;
    private readonly ConnectionOrigin _origin;

    /// <summary>Copies and validates the options, and chooses the engine.</summary>
    /// <exception cref="ArgumentException">An option is out of range or contradicts another; the message names it, its value and the range.</exception>
    /// <exception cref="PlatformNotSupportedException">The options force an engine that this machine lacks.</exception>
    /// <exception cref="SocketException">The system has no descriptor or no memory left for the engine (Linux).</exception>
    public FrameClient(FrameClientOptions options)
        : base(Validated(options), typeof(FrameClient).FullName!)
    {
        _options = (FrameClientOptions)Options;     // the copy
        _origin = new ConnectionOrigin(this, _options.Framing, null);
    }

    /// <summary>Connects. Frames may be delivered before the task completes, and so may <see cref="FrameHostOptions.Closed"/>: <see cref="Connection.CloseReason"/> tells.</summary>
    /// <param name="remoteEndPoint">
    /// An <see cref="IPEndPoint"/>, a <see cref="DnsEndPoint"/> (each of its addresses is tried in turn, for its part of <see cref="FrameClientOptions.ConnectTimeout"/>) or a <see cref="UnixDomainSocketEndPoint"/>.
    /// </param>
    /// <param name="localEndPoint">Where to connect from, of the same kind and address family; null: the system chooses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">An end point is of another kind, or the two do not go together, or the remote port is 0.</exception>
    /// <exception cref="SocketException">Nobody could be reached; of several addresses, the last one's error. The message says who.</exception>
    /// <exception cref="TimeoutException">Not within <see cref="FrameClientOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The client has stopped, or has <see cref="FrameHostOptions.MaxConnections"/> connections.</exception>
    /// <exception cref="Exception">Whatever the framing's <see cref="IFraming.CreateDecoder"/> throws.</exception>
    public Task<Connection> ConnectAsync(EndPoint remoteEndPoint, EndPoint? localEndPoint = null, CancellationToken cancellationToken = default)
        => ConnectAsync(remoteEndPoint, localEndPoint, null, cancellationToken);

    /// <summary>Connects, and has <see cref="Connection.State"/> set before the first frame can be delivered.</summary>
    /// <param name="remoteEndPoint">As without a state.</param>
    /// <param name="localEndPoint">Where to connect from; null: the system chooses.</param>
    /// <param name="state">The first value of <see cref="Connection.State"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <inheritdoc cref="ConnectAsync(EndPoint, EndPoint?, CancellationToken)"/>
    public async Task<Connection> ConnectAsync(EndPoint remoteEndPoint, EndPoint? localEndPoint, object? state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(remoteEndPoint);
        Require(remoteEndPoint, localEndPoint);
        ThrowIfStopping();

        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken, Stopping);
        try
        {
            ConnectionOrigin origin = state is null ? _origin : new ConnectionOrigin(this, _options.Framing, null, state);
            Connection connection = await ConnectToAnyAsync(origin, remoteEndPoint, localEndPoint, either.Token).ConfigureAwait(false);
            origin.State = null;    // the connection has it, for as long as the application wants
            return connection;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{Text(remoteEndPoint)} was not reached within ConnectTimeout ({_options.ConnectTimeout}).");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);    // of the caller's token, not of the linked one
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);     // the stop that cancelled must not run, and wait for, our caller
            ThrowIfStopping();
            throw;
        }
    }

    /// <summary>Connects to a host name or address.</summary>
    /// <param name="host">A name, or an IPv4 or IPv6 address.</param>
    /// <param name="port">1 to 65,535.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of range.</exception>
    /// <inheritdoc cref="ConnectAsync(EndPoint, EndPoint?, CancellationToken)"/>
    public Task<Connection> ConnectAsync(string host, int port, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        return ConnectAsync(
            IPAddress.TryParse(host, out IPAddress? address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port),
            null,
            cancellationToken);
    }

    private void ThrowIfStopping()
    {
        if (IsStopping)
        {
            throw new InvalidOperationException("The client has stopped; a stopped client does not connect: make a new one.");
        }
    }

    private async Task<Connection> ConnectToAnyAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
    {
        if (remoteEndPoint is not DnsEndPoint name)
        {
            return await ConnectToAsync(origin, remoteEndPoint, localEndPoint, cancellationToken).ConfigureAwait(false);
        }

        long began = Now;
        IPAddress[] addresses = await AddressesAsync(name, localEndPoint?.AddressFamily ?? name.AddressFamily, cancellationToken).ConfigureAwait(false);
        SocketException? last = null;
        for (int i = 0; i < addresses.Length; i++)
        {
            // The last one's is what is left, which the caller sees to.
            int more = addresses.Length - 1 - i;
            using var share = new CancellationTokenSource(more == 0 ? Timeout.InfiniteTimeSpan : Share(began, more + 1), _options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancellationToken);
            try
            {
                return await ConnectToAsync(origin, new IPEndPoint(addresses[i], name.Port), localEndPoint, either.Token).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                last = new SocketException((int)exception.SocketErrorCode, $"{name.Host}: {exception.Message}");
            }
            catch (OperationCanceledException) when (share.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                last = Unreached($"{name.Host}: {new IPEndPoint(addresses[i], name.Port)}", SocketError.TimedOut);
            }
        }

        throw last ?? Unreached(name.Host, SocketError.HostNotFound);
    }

    private async Task<Connection> ConnectToAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
    {
        try
        {
            return await ActiveEngine.ConnectAsync(origin, remoteEndPoint, localEndPoint, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            string target = Text(remoteEndPoint);
            // Of a path that may not be looked at nothing is known, and "@" stands before a name that is no file's.
            bool missing = remoteEndPoint is UnixDomainSocketEndPoint && exception.SocketErrorCode != SocketError.AccessDenied
                && target is not ("" or ['@', ..]) && !Path.Exists(target);
            throw missing
                ? new SocketException((int)exception.SocketErrorCode, $"{target}: it does not exist")
                : Unreached(localEndPoint is null ? target : $"{target} from {Text(localEndPoint)}", exception.SocketErrorCode);
        }
    }

    private async Task<IPAddress[]> AddressesAsync(DnsEndPoint name, AddressFamily family, CancellationToken cancellationToken)
    {
        Task<IPAddress[]>? resolving = null;
        try
        {
            resolving = _options.Resolve(name.Host, family, cancellationToken);
            return await resolving.WaitAsync(cancellationToken).ConfigureAwait(false);      // on Linux the system's resolver cannot be cancelled, and may take half a minute
        }
        catch (SocketException exception)
        {
            throw Unreached(name.Host, exception.SocketErrorCode);
        }
        catch (OperationCanceledException)
        {
            // What becomes of it nobody wants to know any more.
            _ = resolving?.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }

    // In the system's words, which do not say who.
    private static SocketException Unreached(string target, SocketError error) => new((int)error, $"{target}: {new SocketException((int)error).Message}");

    private static string Text(EndPoint endPoint) => endPoint is DnsEndPoint name ? $"{name.Host}:{name.Port}" : $"{endPoint}";

    private static void Require(EndPoint remoteEndPoint, EndPoint? localEndPoint)
    {
        if (remoteEndPoint is not (IPEndPoint { Port: > 0 } or DnsEndPoint { Port: > 0 } or UnixDomainSocketEndPoint))
        {
            throw new ArgumentException(
                $"remoteEndPoint is {Text(remoteEndPoint)} ({remoteEndPoint.GetType().Name}); it must be an IPEndPoint or a DnsEndPoint with a port from 1 on, or a UnixDomainSocketEndPoint.", nameof(remoteEndPoint));
        }

        bool fits = localEndPoint switch
        {
            null => true,
            IPEndPoint local => remoteEndPoint is DnsEndPoint || (remoteEndPoint is IPEndPoint remote && remote.AddressFamily == local.AddressFamily),
            UnixDomainSocketEndPoint => remoteEndPoint is UnixDomainSocketEndPoint,
            _ => false,
        };
        if (!fits)
        {
            throw new ArgumentException(
                $"localEndPoint is {Text(localEndPoint!)}; to connect to {Text(remoteEndPoint)} it must be null or {(remoteEndPoint is UnixDomainSocketEndPoint ? "a UnixDomainSocketEndPoint" : "an IPEndPoint of the same family")}.", nameof(localEndPoint));
        }
    }

    // An equal part of the time that is left: an address that nobody answers leaves some for those behind it.
    private TimeSpan Share(long began, int parts)
    {
        if (_options.ConnectTimeout == Timeout.InfiniteTimeSpan)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = _options.ConnectTimeout - TimeSpan.FromMilliseconds(Now - began);
        return left > TimeSpan.Zero ? left / parts : TimeSpan.Zero;
    }

    private static FrameClientOptions Validated(FrameClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        FrameClientOptions copy = options.Copy();
        OptionsValidation.Validate(copy);
        return copy;
    }
}
