using System.Net;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Properties.Simulation;

/// <summary>
/// A connection of the simulated engine. Each turn does one of the things that an engine or a kernel might do next: take a request up, complete a read
/// of some bytes, hand it over, gather, complete a send in part, release.
/// </summary>
internal sealed class SimulatedConnection : Connection
{
    private readonly SimulatedEngine _engine;
    private readonly List<Action<Random>> _possible = [];
    private readonly List<ArraySegment<byte>> _gathered = [];
    private EngineRequests _requested;      // and not yet taken up
    private byte[]? _read;                  // completed and not yet handed over
    private int _inFlight;
    private bool _waits;    // for the peer, to take what is in flight
    private bool _admitted;
    private bool _reading;
    private bool _sending;
    private bool _closing;
    private bool _calling;

    public SimulatedConnection(SimulatedEngine engine, ConnectionOrigin origin, SimulatedPeer peer, Func<SimulatedConnection, Judge> judge)
        : base(origin)
    {
        _engine = engine;
        Peer = peer;
        Judge = judge(this);
    }

    public SimulatedPeer Peer { get; }

    public Judge Judge { get; }

    public override EndPoint? RemoteEndPoint => null;

    public override EndPoint? LocalEndPoint => null;

    /// <summary>Done by another thread in the midst of what asks for a request.</summary>
    public Action<EngineRequests> Meanwhile { get; set; } = _ => { };

    /// <summary>Requests for which there is no memory.</summary>
    public EngineRequests Failing { get; set; }

    public bool IsOpen => _admitted && !IsReleased;

    public void Start()
    {
        Judge.Accepted();
        _admitted = _reading = true;
    }

    /// <summary>Does one of the things that are possible; false when there is none.</summary>
    public bool Turn(Random random)
    {
        if (!IsOpen)
        {
            return false;
        }

        _possible.Clear();
        Offer(IsRequested(EngineRequests.Resume), TakeUpResume);
        Offer(IsRequested(EngineRequests.HalfClose), TakeUpHalfClose);
        Offer(IsRequested(EngineRequests.Close), TakeUpClose);
        Offer(IsRequested(EngineRequests.Send), TakeUpSend);
        Offer(_reading && _read is null && Peer.HasSomethingToRead, CompleteRead);
        Offer(_read is not null, HandOver);
        Offer(_sending && _inFlight == 0, Gather);
        Offer(_inFlight > 0 && !_waits, BeginWait);
        Offer(_inFlight > 0 && (_closing || Peer.HasReset || Peer.Reads), CompleteSend);
        Offer(_closing && !_reading && !_sending && !IsRequested(EngineRequests.Close), Release);
        if (_possible.Count == 0)
        {
            return false;
        }

        _possible[random.Next(_possible.Count)](random);
        return true;
    }

    private protected override void Request(EngineRequests requests)
    {
        if ((requests & Failing) != 0)
        {
            throw new InsufficientMemoryException();
        }

        Note(requests);
        Meanwhile(requests);
    }

    private void Note(EngineRequests requests) => _engine.Change(() =>
    {
        bool resumes = (requests & EngineRequests.Resume) != 0 && !_closing;
        _engine.Check(!resumes || (!_reading && !IsRequested(EngineRequests.Resume)), "a reader that has not stopped is resumed");
        _requested |= requests;
        Judge.Requested(requests);
    });

    private void Offer(bool possible, Action<Random> action)
    {
        if (possible)
        {
            _possible.Add(action);
        }
    }

    private bool IsRequested(EngineRequests request) => (_requested & request) != 0;

    private void TakeUp(EngineRequests requests) => _engine.Change(() => _requested &= ~requests);

    private void TakeUpResume(Random random)
    {
        TakeUp(EngineRequests.Resume);
        if (!_closing)
        {
            Judge.Resuming();
            _reading = true;
            _reading = Call(OnResumed);
            Judge.ReadOn(_reading);
        }
    }

    private void TakeUpHalfClose(Random random) => TakeUp(EngineRequests.HalfClose);

    private void TakeUpClose(Random random)
    {
        TakeUp(EngineRequests.Close | EngineRequests.Abort);
        _closing = true;
        _reading = false;
        _read = null;
    }

    private void TakeUpSend(Random random)
    {
        TakeUp(EngineRequests.Send);
        _engine.Check(!_sending, "the send queue was claimed twice");
        _sending = true;
    }

    private void CompleteRead(Random random)
    {
        if (!MayRead())
        {
            _reading = false;
            Judge.StopsReading();
        }
        else if (Peer.Inbound.Count > 0)
        {
            int most = random.Next(3) switch { 0 => 1, 1 => 20, _ => int.MaxValue };
            _read = [.. Enumerable.Range(0, 1 + random.Next(Math.Min(most, Peer.Inbound.Count))).Select(_ => Peer.Inbound.Dequeue())];
        }
        else if (Peer.HasReset)
        {
            _reading = false;
            Judge.Failed();
            Call(() => OnReceiveFailed(new IOException("reset"), reset: true));
        }
        else
        {
            _read = [];
        }
    }

    private void HandOver(Random random)
    {
        byte[] read = _read!;
        _read = null;
        Judge.Passed(read);
        bool goOn = Call(() => OnReceived(read));
        _reading = goOn && read.Length > 0;
        if (read.Length > 0)
        {
            Judge.ReadOn(goOn);
        }

        read.AsSpan().Fill(0xCC);   // lent for the call
    }

    private void Gather(Random random)
    {
        int maxBuffers = 1 + random.Next(4);
        int maxBytes = random.Next(2) == 0 ? 65_536 : 1 + random.Next(100);
        if (_closing)
        {
            _sending = false;
            return;
        }

        // Some engines know at once that a send may have to wait, others only when it does.
        _waits = random.Next(2) == 0;
        _inFlight = Sends.Gather(_gathered, maxBuffers, maxBytes, _waits ? Host.Now : null);
        if (_waits)
        {
            Judge.Waits();
        }
    }

    private void BeginWait(Random random)
    {
        Sends.BeginWait(Host.Now);
        _waits = true;
        Judge.Waits();
    }

    private void CompleteSend(Random random)
    {
        if (_closing || Peer.HasReset)
        {
            _sending = false;
            _inFlight = 0;
            Judge.WaitsNoMore();
            if (!_closing)
            {
                Judge.Failed();
                Call(() => OnSendFailed(new IOException("reset"), reset: true));
            }

            return;
        }

        int bytes = random.Next(2) == 0 ? _inFlight : 1 + random.Next(_inFlight);
        Peer.Received.AddRange(_gathered.SelectMany(buffer => buffer).Take(bytes));
        _inFlight = 0;
        Judge.WaitsNoMore();
        _sending = Call(() => OnSent(bytes));
    }

    private void Release(Random random)
    {
        Call(OnClosed);
        _engine.StopIfReleased();
    }

    private void Call(Action callback) => Call(() =>
    {
        callback();
        return true;
    });

    private bool Call(Func<bool> callback)
    {
        _engine.Check(!_calling, "a callback is nested in another");
        _calling = true;
        bool result = callback();
        _calling = false;
        Judge.Observe();
        return result;
    }
}
