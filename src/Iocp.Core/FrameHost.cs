using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Iocp.Core.Engines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Iocp.Core;

/// <summary>
/// What <see cref="FrameServer"/> and <see cref="FrameClient"/> have in common: connections on one engine, delivery, sending, stop.
/// Every member may be used from any thread.
/// </summary>
public abstract partial class FrameHost : IAsyncDisposable, IEngineHost
{
    private readonly FrameLeasePool? _leases;
    private readonly ConnectionTable<Connection> _table;
    private int _open;              // connections admitted and not yet released by the engine
    private int _full;              // 1: the engine was told that there is no room, and not yet that there is again

    private protected FrameHost(FrameHostOptions options, string category)
    {
        Options = options;
        Engine = EngineSelector.Choose(options.Engine, out string? whyNotIoUring);
        Logger = options.LoggerFactory is { } factory ? new GuardedLogger(factory.CreateLogger(category)) : NullLogger.Instance;
        StartedAt = options.TimeProvider.GetUtcNow();
        Wheel = new TimerWheel<Connection>(options.TimeProvider, (_, exception) => Log.DeadlineFailed(Logger, exception));
        _table = new ConnectionTable<Connection>(options.MaxConnections);
        Backlogs = new SendBacklogPool(Pool, options.SendQueueBytesPerConnection);
        if (options.Handler is { } handler)
        {
            Delivery = new InlineDelivery(handler);
        }
        else
        {
            _leases = new FrameLeasePool(Pool, Math.Min(options.ReceiveQueueFrames, 8192));
            Delivery = options.ConnectionHandler is null
                ? new PullDelivery(options, _leases)
                : new ConnectionDelivery(options, _leases);
        }

        Machine = options.EngineFactory?.Invoke(this) ?? EngineSelector.Create(Engine, this);
        if (whyNotIoUring is not null)
        {
            Log.NoIoUring(Logger, whyNotIoUring);
        }

        if (options.Workers is { } workers && Engine == EngineKind.Sockets)
        {
            Log.WorkersNotApplicable(Logger, workers);
        }

        if (options.DirectDescriptors && Engine != EngineKind.IoUring)
        {
            Log.DirectDescriptorsNotApplicable(Logger, Engine);
        }
    }

    /// <summary>The engine chosen; never <see cref="EngineKind.Auto"/>.</summary>
    public EngineKind Engine { get; }

    /// <summary>The pool of this host's buffers, a <see cref="PinnedArrayPool"/>; encoders may rent from it too.</summary>
    public ArrayPool<byte> BufferPool => Pool;

    /// <summary>Connections open, those included whose close notification is still due.</summary>
    public int ConnectionCount => _table.Count;

    /// <summary>Each connection that is open throughout the enumeration, and perhaps some that come or go meanwhile; takes no lock and holds nobody up.</summary>
    public IEnumerable<Connection> Connections => _table.Items;

    internal FrameHostOptions Options { get; }

    internal ILogger Logger { get; }

    internal PinnedArrayPool Pool { get; } = new();

    internal TimerWheel<Connection> Wheel { get; }

    internal HostCounters Counters { get; } = new();

    internal FrameDelivery Delivery { get; }

    internal SendBacklogPool Backlogs { get; }

    internal DateTimeOffset StartedAt { get; }

    /// <summary>Milliseconds since this host was made.</summary>
    internal long Now => Wheel.Now;

    internal IEngine Machine { get; }

    FrameHostOptions IEngineHost.Options => Options;

    PinnedArrayPool IEngineHost.Pool => Pool;

    ILogger IEngineHost.Logger => Logger;

    long IEngineHost.Now => Now;

    private ReceiveQueue Queue => (Delivery as PullDelivery)?.Queue
        ?? throw new InvalidOperationException("Frames go to the handler of the options; to pull them, leave Handler and ConnectionHandler null.");

    /// <summary>Totals since this host was made. Cheap enough to ask for several times a second.</summary>
    public FrameHostStatistics GetStatistics()
    {
        ReceiveQueue? queue = (Delivery as PullDelivery)?.Queue;
        return Counters.Read(ConnectionCount, queue?.Frames ?? 0, queue?.Bytes ?? 0);
    }

    /// <summary>Takes the oldest received frame, if there is one. Pull delivery only.</summary>
    /// <param name="frame">The frame; dispose it when done.</param>
    /// <param name="queued">Frames that are still waiting.</param>
    /// <exception cref="InvalidOperationException">The options chose another delivery.</exception>
    public bool TryReceive(out ReceivedFrame frame, out int queued)
    {
        ReceiveQueue queue = Queue;
        bool taken = queue.TryTake(out FrameLease? lease);
        frame = taken ? lease!.Frame : default;
        queued = queue.Frames;
        return taken;
    }

    /// <summary>Takes the oldest received frame, waiting for one. Pull delivery only; several consumers may wait, then no order within a connection is promised.</summary>
    /// <param name="cancellationToken">Gives up waiting; no frame is lost.</param>
    /// <exception cref="InvalidOperationException">The options chose another delivery; or the host has stopped and every frame was taken.</exception>
    /// <exception cref="ObjectDisposedException">The host was disposed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReceivedFrame> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        FrameLease? lease = await Queue.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (lease is null)
        {
            ObjectDisposedException.ThrowIf(_disposing is not null, this);      // a dispose stops first
            throw new InvalidOperationException("The host has stopped, and every received frame was taken.");
        }

        return lease.Frame;
    }

    /// <summary>All frames, until the host has stopped and every frame was taken. Pull delivery only; several consumers may enumerate at once, each frame goes to one of them.</summary>
    /// <param name="cancellationToken">Gives up waiting; no frame is lost.</param>
    /// <exception cref="InvalidOperationException">The options chose another delivery.</exception>
    /// <exception cref="ObjectDisposedException">The host was disposed before, or, while this waited, with frames that were not taken.</exception>
    public async IAsyncEnumerable<ReceivedFrame> ReceiveAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ReceiveQueue queue = Queue;
        ObjectDisposedException.ThrowIf(_disposing is not null, this);      // later, a dispose that finds all taken is the end
        while (await queue.TakeAsync(cancellationToken).ConfigureAwait(false) is { } lease)
        {
            yield return lease.Frame;
        }
    }

    /// <summary>Sends on the connection of that id; a stale id says <see cref="SendStatus.Closed"/> and reaches nobody.</summary>
    /// <param name="connection">The connection's id.</param>
    /// <param name="data">As for <see cref="Connection.Send(ReadOnlySpan{byte})"/>.</param>
    /// <inheritdoc cref="Connection.Send(ReadOnlySpan{byte})"/>
    public SendResult Send(ConnectionId connection, ReadOnlySpan<byte> data)
        => TryGetConnection(connection, out Connection? found) ? found.Send(data) : new SendResult(SendStatus.Closed);

    /// <summary>As <see cref="Send"/>, but waits for room.</summary>
    /// <inheritdoc cref="Connection.SendAsync"/>
    public ValueTask<SendResult> SendAsync(ConnectionId connection, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        => TryGetConnection(connection, out Connection? found)
            ? found.SendAsync(data, cancellationToken)
            : ValueTask.FromResult(new SendResult(SendStatus.Closed));

    /// <summary>Finds a connection by its id, without a lock; false when its close notification has run.</summary>
    public bool TryGetConnection(ConnectionId id, [NotNullWhen(true)] out Connection? connection) => _table.TryGet(id, out connection);

    bool IEngineHost.Accepted(Connection connection)
    {
        // Counted before it can be seen: a stop that does not see the connection sees that one is missing.
        Interlocked.Increment(ref _open);
        try
        {
            if (!TryReserve(out ConnectionId id))
            {
                OnReleased();
                return false;
            }

            connection.Admit(id);
            Delivery.Admit(connection);
        }
        catch
        {
            // No memory for its place or its queue: a stop does not wait for it, and the place is another's.
            if (connection.Id != default)
            {
                _table.Release(connection.Id);
            }

            OnReleased();
            throw;
        }

        Counters.AddAccepted();
        _table.Publish(connection.Id, connection);
        try
        {
            Begin(connection);
        }
        catch (OutOfMemoryException exception)
        {
            FailAdmitted(connection, exception);
        }

        return true;
    }

    void IEngineHost.Fail(Exception reason)
    {
        CloseAll(new CloseCause(CloseReason.ReceiveFailed, error: reason), CloseMode.Abortive);
        _failure = reason;
        BeginStop();
        Abort();        // there is nothing to drain into
    }

    // Admitted it is: its end is a close like any other.
    private static void FailAdmitted(Connection connection, OutOfMemoryException reason)
    {
        try
        {
            connection.OnFailed(reason);
        }
        catch (OutOfMemoryException)
        {
            // Not even for that: its peer, a deadline or a stop ends it.
        }
    }

    private void Begin(Connection connection)
    {
        if (connection.FirstDue is >= 0 and long due)
        {
            Wheel.Schedule(connection, due);
        }

        Delivery.Start(connection);
        if (IsStopping)
        {
            connection.RequestClose(CloseCause.ServerStopping, CloseMode.Graceful);
        }
    }

    /// <summary>The engine released a connection.</summary>
    internal void OnReleased()
    {
        if (Interlocked.Decrement(ref _open) == 0 && IsStopping)
        {
            _allReleased.TrySetResult();
        }
    }

    internal void Notify(ConnectionClosed closed)
    {
        Counters.AddClosed(closed.Reason);
        LogClose(closed);
        if (Options.Closed is null)
        {
            Forget(closed);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static item => item.Host.RunNotification(item.Closed), (Host: this, Closed: closed), preferLocal: false);
        }
    }

    /// <summary>A debug warning when a handler on a worker held everybody else up.</summary>
    internal void WarnIfSlow(Connection connection, long began)
    {
        if (Logger.IsEnabled(LogLevel.Debug) && Now - began is >= 100 and long milliseconds)
        {
            Log.SlowHandler(Logger, connection.Id, milliseconds);
        }
    }

    private void LogClose(ConnectionClosed closed)
    {
        if (closed is { Reason: CloseReason.HandlerFailed or CloseReason.DecoderFailed, Error: { } error })
        {
            Log.ConnectionFailed(Logger, error, closed.Connection.Id, closed.Reason);
        }

        if (Logger.IsEnabled(LogLevel.Debug))
        {
            Log.ConnectionClosed(Logger, closed.Connection.Id, closed.Connection.RemoteEndPoint, closed.Reason, closed.Rejection);
        }
    }

    private void RunNotification(ConnectionClosed closed)
    {
        try
        {
            Options.Closed!(closed);
        }
        catch (Exception exception)
        {
            Log.ClosedCallbackFailed(Logger, exception, closed.Connection.Id);
        }
        finally
        {
            Forget(closed);
        }
    }

    private void Forget(ConnectionClosed closed)
    {
        _table.Release(closed.Connection.Id);
        if (Interlocked.Exchange(ref _full, 0) == 1)
        {
            Machine.ResumeAccepting();
        }
    }

    private bool TryReserve(out ConnectionId id)
    {
        if (_table.TryReserve(out id))
        {
            return true;
        }

        // A slot freed before this flag was set would resume nobody: look once more.
        if (Interlocked.Exchange(ref _full, 1) == 0)
        {
            Log.Full(Logger, Options.MaxConnections);
        }

        return _table.TryReserve(out id);
    }
}
