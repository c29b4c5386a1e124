using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Iocp.Core;

/// <summary>What <see cref="FrameServer"/> and <see cref="FrameClient"/> have in common: connections on one engine, delivery, sending, stop.</summary>
public abstract class FrameHost : IAsyncDisposable
{
    private protected FrameHost() { }

    /// <summary>The engine chosen; never <see cref="EngineKind.Auto"/>.</summary>
    public EngineKind Engine => default;

    /// <summary>The pool of this host's buffers; encoders may rent from it too.</summary>
    public ArrayPool<byte> BufferPool => throw new NotImplementedException();

    /// <summary>Open connections, those waiting for their close notification included.</summary>
    public int ConnectionCount => 0;

    /// <summary>The connections open at some moment of the enumeration; takes no lock and holds nobody up.</summary>
    public IEnumerable<Connection> Connections => throw new NotImplementedException();

    /// <summary>Totals since the start. Cheap enough to ask for several times a second.</summary>
    public FrameHostStatistics GetStatistics() => throw new NotImplementedException();

    /// <summary>Takes the oldest received frame, if there is one. Pull delivery only.</summary>
    public bool TryReceive(out ReceivedFrame frame, out int queued) => throw new NotImplementedException();

    /// <summary>Takes the oldest received frame, waiting for one. Pull delivery only; several consumers may wait.</summary>
    public ValueTask<ReceivedFrame> ReceiveAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>All frames, until the host has stopped and every frame was taken. Pull delivery only; may be enumerated by several consumers at once.</summary>
    public IAsyncEnumerable<ReceivedFrame> ReceiveAllAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Sends on the connection of that id; a stale id says <see cref="SendStatus.Closed"/> and reaches nobody.</summary>
    public SendResult Send(ConnectionId connection, ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>As <see cref="Send"/>, but waits for room.</summary>
    public ValueTask<SendResult> SendAsync(ConnectionId connection, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Finds an open connection by its id; lock-free.</summary>
    public bool TryGetConnection(ConnectionId id, [NotNullWhen(true)] out Connection? connection) => throw new NotImplementedException();

    /// <summary>Stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Stops if need be and releases everything, queued frames included.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
