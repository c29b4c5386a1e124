using System.Net;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Testing;

/// <summary>
/// The server's side. Whatever happens to it, a request or something of its peer's, queues it to the engine's worker once; only the worker calls back, so
/// callbacks never overlap and are never nested in a request.
/// </summary>
internal sealed class InMemoryConnection : Connection
{
    private const int Queued = 1 << 16;             // beside the requests: it waits for the worker
    private const int MostRounds = 16;              // of what a read led to; then others have their turn
    private const int MostBuffers = 16;

    private readonly InMemoryEngine _engine;
    private readonly Lock _lock = new();
    private readonly Queue<(byte[] Bytes, TaskCompletionSource Taken)> _arrived = new();    // bounded by the senders that wait for them
    private readonly List<ArraySegment<byte>> _gathered = new(MostBuffers);
    private int _requested;
    private bool _peerEnded;
    private bool _peerReset;
    private bool _released;

    // The worker's.
    private TaskCompletionSource? _taken;       // of what was read, while what that led to is still to be done
    private bool _reading;
    private bool _sending;
    private bool _inFlight;         // gathered, and the peer has no room for it
    private bool _closing;
    private bool _aborting;

    public InMemoryConnection(InMemoryEngine engine, ConnectionOrigin origin, InMemoryPeer peer, EndPoint local, EndPoint remote)
        : base(origin)
    {
        _engine = engine;
        Peer = peer;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        peer.Belongs(this);
    }

    public InMemoryPeer Peer { get; }

    public override EndPoint? RemoteEndPoint { get; }

    public override EndPoint? LocalEndPoint { get; }

    // Something to read: bytes, the end, or a reset.
    private bool HasArrived
    {
        get
        {
            lock (_lock)
            {
                return _peerReset || _arrived.Count > 0;
            }
        }
    }

    private bool IsAsked => (Volatile.Read(ref _requested) & ~Queued) != 0;

    /// <summary>Bytes come, or none: the end. The task completes when they were read, and what was asked for meanwhile was done: so the clock may be moved then.</summary>
    public Task Arrive(byte[] bytes)
    {
        TaskCompletionSource taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_released || _peerEnded || _peerReset)
            {
                return Task.FromException(new IOException(_released ? "The connection has closed." : _peerReset ? "This side has reset the connection." : "This side has finished sending."));
            }

            _peerEnded = bytes.Length == 0;
            _arrived.Enqueue((bytes, taken));
        }

        Wake(0);
        return taken.Task;
    }

    public void PeerReset()
    {
        (byte[], TaskCompletionSource Taken)[] lost;
        lock (_lock)
        {
            _peerReset = true;
            lost = [.. _arrived];
            _arrived.Clear();
        }

        foreach ((_, TaskCompletionSource taken) in lost)
        {
            taken.SetException(new IOException("This side has reset the connection."));
        }

        Wake(0);
    }

    public void PeerHasRoom() => Wake(0);

    /// <summary>Begins to read; called once, by the worker, after the connection was admitted.</summary>
    public void Start()
    {
        _reading = true;
        Wake(0);
    }

    /// <summary>The worker's turn.</summary>
    public void Run()
    {
        try
        {
            SeeTo();
        }
        catch (Exception exception)
        {
            OnFailed(exception);        // as in every engine: what throws costs the connection for which it was done
        }
    }

    private protected override void Request(EngineRequests requests) => Wake((int)requests);

    private void SeeTo()
    {
        TakeUp((EngineRequests)(Interlocked.Exchange(ref _requested, 0) & ~Queued));
        if (_reading && _taken is null && HasArrived)
        {
            _reading = ReadOne();       // one in a turn: whoever sent it does not wait for what comes behind it
        }

        Proceed();
        for (int round = 0; round < MostRounds && IsAsked; round++)
        {
            TakeUp((EngineRequests)(Interlocked.And(ref _requested, Queued) & ~Queued));
            Proceed();
        }

        if (!IsAsked)
        {
            CompleteTaken();
        }

        if (_reading && _taken is null && HasArrived)
        {
            Wake(0);
        }
    }

    private void TakeUp(EngineRequests requests)
    {
        if (_released)
        {
            return;
        }

        if ((requests & EngineRequests.Close) != 0)
        {
            _aborting |= (requests & EngineRequests.Abort) != 0;
            _closing = true;
            _reading = false;
        }

        if ((requests & EngineRequests.HalfClose) != 0 && !_closing)
        {
            Peer.ServerEnded(reset: false);
        }

        _sending |= (requests & EngineRequests.Send) != 0;
        if ((requests & EngineRequests.Resume) != 0 && !_closing)
        {
            _reading = OnResumed();
        }
    }

    private void Proceed()
    {
        Send();
        if (_closing && !_sending && !_reading && !_released)
        {
            Release();
        }
    }

    private bool ReadOne()
    {
        if (!MayRead())
        {
            return false;
        }

        (byte[] Bytes, TaskCompletionSource Taken) next;
        bool reset;
        lock (_lock)
        {
            reset = _peerReset;
            next = reset ? default : _arrived.Dequeue();
        }

        if (reset)
        {
            OnReceiveFailed(new IOException("The peer has reset the connection."), reset: true);
            return false;
        }

        _taken = next.Taken;
        try
        {
            return OnReceived(next.Bytes) && next.Bytes.Length > 0;
        }
        finally
        {
            next.Bytes.AsSpan().Fill(0xCC);     // lent for the call
        }
    }

    private void CompleteTaken()
    {
        _taken?.SetResult();
        _taken = null;
    }

    private void Send()
    {
        while (_sending)
        {
            if (_closing)
            {
                _sending = _inFlight = false;
                break;
            }

            if (!_inFlight)
            {
                Sends.Gather(_gathered, MostBuffers, InMemoryPeer.Window, waitsFrom: Host.Now);
            }

            bool reset;
            lock (_lock)
            {
                reset = _peerReset;
            }

            if (reset)
            {
                _sending = _inFlight = false;
                OnSendFailed(new IOException("The peer has reset the connection."), reset: true);
                break;
            }

            int taken = Peer.Receive(_gathered);
            _inFlight = taken == 0;
            if (_inFlight)
            {
                break;      // until the peer has room
            }

            _sending = OnSent(taken);
        }
    }

    private void Release()
    {
        (byte[], TaskCompletionSource Taken)[] left;
        lock (_lock)
        {
            _released = true;
            left = [.. _arrived];
            _arrived.Clear();
        }

        Peer.ServerEnded(_aborting);
        foreach ((_, TaskCompletionSource taken) in left)
        {
            taken.SetException(new IOException("The connection has closed."));
        }

        try
        {
            OnClosed();
        }
        finally
        {
            CompleteTaken();
            _engine.Released();     // a stop waits for that
        }
    }

    private void Wake(int requests)
    {
        if ((Interlocked.Or(ref _requested, requests | Queued) & Queued) == 0)
        {
            _engine.Enqueue(Run);
        }
    }
}
