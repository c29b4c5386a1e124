using System.Net;
using Iocp.Core.Engines;

namespace Iocp.Core;

/// <summary>
/// One connection. Every member may be used from any thread, inside or outside a callback, also after the connection has closed.
/// A connection object is never used again for another peer.
/// </summary>
public abstract partial class Connection
{
    private readonly ConnectionOrigin _origin;
    private long _acceptedAt;       // milliseconds on the host's clock, as all times here
    private long _bytesReceived;
    private ReceiveGate _gate;
    private int _state;

    private protected Connection(ConnectionOrigin origin)
    {
        _origin = origin;
        State = origin.State;
        _assembler = new FrameAssembler(origin.Framing.CreateDecoder());
    }

    /// <summary>Names this connection for ever.</summary>
    public ConnectionId Id { get; private set; }

    /// <summary>The peer's address; null for an unnamed UNIX socket.</summary>
    public abstract EndPoint? RemoteEndPoint { get; }

    /// <summary>Our address; null once it can no longer be asked for.</summary>
    public abstract EndPoint? LocalEndPoint { get; }

    /// <summary>The listener that accepted it; null for a connection that a <see cref="FrameClient"/> made.</summary>
    public ListenerOptions? Listener => _origin.Listener;

    /// <summary>When it was accepted or connected, by the options' <see cref="FrameHostOptions.TimeProvider"/>.</summary>
    public DateTimeOffset AcceptedAt => Host.StartedAt.AddMilliseconds(_acceptedAt);

    /// <summary>Bytes received.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Complete frames received.</summary>
    public long FramesReceived => _assembler.FrameIndex;

    /// <summary>Bytes that the system has taken for sending.</summary>
    public long BytesSent => _sends.BytesSent;

    /// <summary>Sends queued so far, those that have left included; one send may hold several frames.</summary>
    public long FramesSent => _sends.Sends;

    /// <summary>Bytes queued and not yet taken by the system.</summary>
    public long BytesQueued => _sends.BytesQueued;

    /// <summary>Why it ended or is about to end; <see cref="CloseReason.None"/> while both sides are open.</summary>
    public CloseReason CloseReason => Volatile.Read(ref _ending)?.Cause.Reason ?? CloseReason.None;

    /// <summary>A slot for the application's own state, at first what was given to <see cref="FrameClient"/>'s ConnectAsync, if anything; the library does not touch it.</summary>
    public object? State { get; set; }

    /// <summary>Its <see cref="Id"/>.</summary>
    public override string ToString() => Id.ToString();

    internal FrameHost Host => _origin.Host;

    /// <summary>The host has room for this connection.</summary>
    internal void Admit(ConnectionId id)
    {
        Id = id;
        _acceptedAt = _lastReceived = Host.Now;
    }

    /// <summary>Passes requests to the engine; see <see cref="EngineRequests"/> for the rules.</summary>
    private protected abstract void Request(EngineRequests requests);

    private bool Has(int state) => (Volatile.Read(ref _state) & state) != 0;

    /// <summary>Sets bits; true when this call set the first of them.</summary>
    private bool Set(int state) => (Interlocked.Or(ref _state, state) & state) == 0;
}
