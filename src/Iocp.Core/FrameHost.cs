using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Iocp.Core.Engines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Iocp.Core;

/// <summary>
/// What <see cref="FrameServer"/> and <see cref="FrameClient"/> have in common: connections on one engine, delivery, sending, stop.
/// Every member may be used from any thread.
/// </summary>
public abstract partial class FrameHost : IAsyncDisposable
{
    private readonly FrameLeasePool? _leases;
    private readonly ConnectionTable<Connection> _table;
    private readonly Lock _emptiedLock = new();
    private TaskCompletionSource? _emptied;     // somebody waits until no connection is left

    private protected FrameHost(FrameHostOptions options, string category)
    {
        Options = options;
        Engine = EngineSelector.Choose(options.Engine, out string? whyNotIoUring);
        Logger = options.LoggerFactory is { } factory ? new GuardedLogger(factory.CreateLogger(category)) : NullLogger.Instance;
        StartedAt = options.TimeProvider.GetUtcNow();
        Wheel = new TimerWheel<Connection>(
            new HostClock(options.TimeProvider, exception => Log.ClockFailed(Logger, exception)), exception => Log.DeadlineFailed(Logger, exception));
        // From anywhere: an id that was kept over a restart, or is another host's, shall reach nobody.
        _table = new ConnectionTable<Connection>(options.MaxConnections, firstGeneration: Random.Shared.NextInt64(1, ConnectionId.MaxGeneration));
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

        ActiveEngine = options.EngineFactory?.Invoke(this) ?? EngineSelector.Create(Engine, this);
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

        if (options.SpinTime > TimeSpan.Zero && Engine is EngineKind.Sockets or EngineKind.Iocp)
        {
            Log.SpinTimeNotApplicable(Logger, Engine);
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

    /// <summary>
    /// Completes when there is no connection, as soon as every close notification has run, and so every <see cref="ConnectionHandler"/> has ended. Behind
    /// <see cref="StopAsync"/> no other can come; before it one can, unless nothing listens any more.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WhenEmptyAsync(CancellationToken cancellationToken = default)
    {
        Task emptied;
        lock (_emptiedLock)
        {
            emptied = (_emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        SignalIfEmpty();    // the last may have gone before it was there
        return emptied.WaitAsync(cancellationToken);
    }

    internal FrameHostOptions Options { get; }

    internal ILogger Logger { get; }

    internal PinnedArrayPool Pool { get; } = new();

    internal TimerWheel<Connection> Wheel { get; }

    internal HostCounters Counters { get; } = new();

    internal FrameDelivery Delivery { get; }

    internal SendBacklogPool Backlogs { get; }

    internal DateTimeOffset StartedAt { get; }

    /// <summary>Milliseconds since this host was made, on its clock; asked for each read, and when a send has to wait.</summary>
    internal long Now => Wheel.Now;

    internal IEngine ActiveEngine { get; }

    /// <summary>Totals since this host was made. Cheap enough to ask for several times a second.</summary>
    public FrameHostStatistics GetStatistics()
    {
        ReceiveQueue? queue = (Delivery as PullDelivery)?.Queue;
        return Counters.Read(ConnectionCount, queue?.Frames ?? 0, queue?.Bytes ?? 0);
    }

    /// <summary>Finds a connection by its id, without a lock; false when its close notification has run.</summary>
    public bool TryGetConnection(ConnectionId id, [NotNullWhen(true)] out Connection? connection) => _table.TryGet(id, out connection);

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
            try
            {
                PoolWork.Queue(static item => item.Host.RunNotification(item.Closed), (Host: this, Closed: closed));
            }
            catch (OutOfMemoryException)
            {
                RunNotification(closed);    // rather here than never
            }
        }
    }

    private void SignalIfEmpty()
    {
        if (Volatile.Read(ref _emptied) is null)
        {
            return;
        }

        // Counted under the lock: whoever waits by then has waited while there was none.
        TaskCompletionSource? emptied = null;
        lock (_emptiedLock)
        {
            if (_table.Count == 0)
            {
                (emptied, _emptied) = (_emptied, null);
            }
        }

        emptied?.SetResult();
    }

    private void LogClose(ConnectionClosed closed)
    {
        if (closed is { Reason: CloseReason.HandlerFailed or CloseReason.DecoderFailed, Error: { } error })
        {
            Log.ConnectionFailed(Logger, error, closed.Connection.Id, closed.Reason);
        }

        if (Logger.IsEnabled(LogLevel.Debug))
        {
            object peer = (object?)closed.Connection.RemoteEndPoint ?? "a peer without an address";
            if (closed.Rejection is { } rejection)
            {
                Log.ConnectionRejected(Logger, closed.Connection.Id, peer, closed.Reason, rejection);
            }
            else
            {
                Log.ConnectionClosed(Logger, closed.Connection.Id, peer, closed.Reason);
            }
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
}
