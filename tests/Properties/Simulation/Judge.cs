using Framing.Properties.Decoding;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Properties.Simulation;

/// <summary>
/// Knows what has happened to one connection so far, and what follows from it: which frames may come, which cause may end it, what the peer must
/// have been sent, and when time is up.
/// </summary>
internal sealed class Judge(SimulatedConnection connection, SimulatedEngine engine, FrameHostOptions options)
{
    private const int Tick = 100;

    private readonly List<byte> _passed = [];
    private readonly List<byte> _accepted = [];     // the sends that were queued
    private List<string> _outcome = ReferenceDecoder.Run(ConnectionPlan.Format, []);
    private long _delivered;
    private long _firstFrameFrom;   // the accept, or resume
    private long _lastHeard;        // the last byte, or resume
    private string _begun = "";     // how the outcome names the frame in progress
    private long? _frameBeganAt;
    private long _frameRan;         // its time without that of pauses
    private long _lookedAt;
    private long? _waitsSince;
    private long? _inputEndedAt;
    private long? _halfClosedAt;
    private bool _peerEnded;
    private bool _failed;
    private long _pausedAt;         // when reading was last seen paused, or stopped
    private bool _stopped;          // until it resumes
    private bool _observing;

    public CloseReason Reason { get; private set; }

    public bool AppPaused { get; private set; }

    public bool AppClosed { get; private set; }

    public bool HandlerThrew { get; set; }

    public bool HandlerEnded { get; set; }

    public bool Stopped { get; set; }

    public bool CloseAsked { get; private set; }

    public bool AbortAsked { get; private set; }

    public bool IsClosing => connection.Send(ReadOnlySpan<byte>.Empty).Status == SendStatus.Closed;

    /// <summary>Frames wait for the application: that may pause reading too.</summary>
    public Func<bool> IsHeldUp { get; set; } = () => false;

    private int Frames => _outcome.Count - 1;

    private string End => _outcome[^1];

    private bool IsTruncated => End.StartsWith("truncated", StringComparison.Ordinal);

    private bool IsRejected => End != Describe.Clean && !IsTruncated;

    public void Accepted() => _firstFrameFrom = _lastHeard = engine.Now;

    public void Passed(byte[] read)
    {
        _passed.AddRange(read);
        _outcome = ReferenceDecoder.Run(ConnectionPlan.Format, [.. _passed]);
        _peerEnded |= read.Length == 0;
        _lastHeard = read.Length == 0 ? _lastHeard : engine.Now;
        string begun = End.Split(" after ")[0];
        if (begun != _begun)
        {
            _begun = begun;
            _frameBeganAt = IsTruncated ? engine.Now : null;
            _frameRan = 0;
        }
    }

    public void Resuming()
    {
        _lastHeard = _pausedAt = engine.Now;
        _stopped = false;
    }

    public void StopsReading() => _stopped = true;

    public void Failed() => _failed = true;

    public void Waits() => _waitsSince = engine.Now;

    public void WaitsNoMore() => _waitsSince = null;

    /// <summary>What the connection said after it was given bytes, or resumed.</summary>
    public void ReadOn(bool goesOn)
    {
        if (!goesOn)
        {
            StopsReading();
        }

        Observe();
        if (Reason == CloseReason.None)
        {
            bool decoded = connection.FramesReceived == Frames && !IsRejected && !_peerEnded;
            Check(decoded || !goesOn, "it reads on although there are frames, or a rejection, in what it has");
            Check(goesOn || AppPaused || connection.Sends.IsFull || IsHeldUp(), "it stops reading without a reason");
        }
    }

    public void Pause()
    {
        AppPaused = true;
        SeeWhetherPaused();
        connection.PauseReceiving();
    }

    public void Resume()
    {
        if (AppPaused)
        {
            _firstFrameFrom = _pausedAt = engine.Now;
        }

        AppPaused = false;
        connection.ResumeReceiving();
        Observe();
    }

    public void Close(CloseMode mode)
    {
        AppClosed = true;
        connection.Close(mode);
        Observe();
        Check(IsClosing, "a send is not refused after close");
    }

    public SendStatus Send(ReadOnlySpan<byte> frame)
    {
        bool closing = IsClosing;
        bool full = connection.BytesQueued >= options.SendQueueBytesPerConnection;
        SendStatus status = connection.Send(frame).Status;
        Check(status == (closing ? SendStatus.Closed : full ? SendStatus.QueueFull : SendStatus.Queued), $"a send says {status}, closing {closing}, full {full}");
        if (status == SendStatus.Queued)
        {
            _accepted.AddRange(frame);
            SeeWhetherPaused();
        }

        return status;
    }

    public void Delivered(long index, long offset, ReadOnlySpan<byte> bytes)
    {
        Check(index == _delivered, $"frame {index} comes after {_delivered} frames");
        Check(index < Frames && Describe.Frame(index, offset, bytes) == _outcome[(int)index], $"frame {index} is not what the peer sent");
        Check(!AppClosed, "a frame comes after close");
        _delivered = index + 1;
    }

    public void Requested(EngineRequests requests)
    {
        AbortAsked |= (requests & EngineRequests.Abort) != 0;
        if ((requests & EngineRequests.HalfClose) != 0)
        {
            Check(_halfClosedAt is null, "half-close is requested twice");
            _halfClosedAt = engine.Now;
            CheckAllSent();
        }

        if ((requests & EngineRequests.Close) != 0 && !CloseAsked && !AbortAsked)
        {
            Check(_peerEnded || engine.Now >= _halfClosedAt + options.LingerTimeout.TotalMilliseconds, "released before the peer's end and before the linger time was over");
            CheckAllSent();
        }

        CloseAsked |= (requests & EngineRequests.Close) != 0;
    }

    /// <summary>The first cause wins, and it is one that has happened; what must end a connection has ended it.</summary>
    public void Observe()
    {
        if (_observing || !connection.IsOpen)
        {
            return;
        }

        _observing = true;
        SeeWhetherPaused();
        CloseReason reason = connection.CloseReason;
        if (Reason != CloseReason.None)
        {
            Check(reason == Reason, $"the reason was {Reason} and is {reason}");
        }
        else if (reason != CloseReason.None)
        {
            Check(IsPossible(reason), $"it ends with {reason}, which has not happened");
            Reason = reason;
            _inputEndedAt = reason is CloseReason.RemoteClosed or CloseReason.TruncatedFrame or CloseReason.FrameRejected ? engine.Now : null;
        }
        else
        {
            Check(!(AppClosed || HandlerThrew || HandlerEnded || Stopped || _failed), "it is not closed by what closes a connection");
        }

        _observing = false;
    }

    /// <summary>Time has passed: no deadline is missed by more than a tick of the wheel.</summary>
    public void TimePassed()
    {
        Observe();
        _frameRan += IsPaused ? 0 : engine.Now - Math.Max(_lookedAt, _frameBeganAt ?? 0);
        _lookedAt = engine.Now;
        bool undecided = Reason == CloseReason.None;
        Check(!(undecided && connection.FramesReceived == 0 && IsOver(SincePause(_firstFrameFrom), options.FirstFrameTimeout)), "FirstFrameTimeout is over");
        Check(!(undecided && _frameBeganAt is not null && IsOver(engine.Now - _frameRan, options.FrameTimeout)), "FrameTimeout is over");
        Check(!(undecided && IsOver(SincePause(_lastHeard), options.IdleTimeout)), "IdleTimeout is over");
        Check(CloseAsked || !IsOver(_waitsSince, options.SendTimeout), "SendTimeout is over");
        Check(CloseAsked || !IsOver(_halfClosedAt, options.LingerTimeout), "LingerTimeout is over");
        bool drains = options.ConnectionHandler is null && !IsClosing;
        Check(!(drains && IsOver(_inputEndedAt, options.DrainTimeout)), "DrainTimeout is over");
    }

    /// <summary>The connection's one close notification.</summary>
    public void Notified(ConnectionClosed closed, bool allTaken)
    {
        Check(closed.Reason == Reason, $"the notification says {closed.Reason}; the reason was {Reason}");
        Check(closed.Reason != CloseReason.FrameRejected || Describe.Rejected(closed.Rejection!) == End, "the rejection is not the one that the header deserves");
        Check((closed.Rejection is not null) == (closed.Reason == CloseReason.FrameRejected), "a rejection belongs to FrameRejected and to nothing else");
        bool complete = _inputEndedAt is not null && allTaken && !AppClosed;
        Check(!complete || _delivered == Frames, $"{_delivered} of {Frames} frames were delivered before the end");
        Check(connection.BytesReceived == _passed.Count, "bytes received are miscounted");
        Check(connection.BytesSent == connection.Peer.Received.Count, "bytes sent are miscounted");
        Check(_accepted.Take(connection.Peer.Received.Count).SequenceEqual(connection.Peer.Received), "what the peer received is not what was sent");
    }

    private bool IsPossible(CloseReason reason) => reason switch
    {
        CloseReason.LocalClosed => AppClosed || HandlerEnded,
        CloseReason.HandlerFailed => HandlerThrew,
        CloseReason.ServerStopping => Stopped,
        CloseReason.RemoteReset => _failed,
        CloseReason.RemoteClosed => _peerEnded && IsDecoded && End == Describe.Clean,
        CloseReason.TruncatedFrame => _peerEnded && IsDecoded && End != Describe.Clean && !IsRejected,
        CloseReason.FrameRejected => IsDecoded && IsRejected,
        CloseReason.FirstFrameTimeout => connection.FramesReceived == 0 && IsDue(_firstFrameFrom, options.FirstFrameTimeout),
        CloseReason.FrameTimeout => IsDecoded && IsTruncated && IsDue(_frameBeganAt, options.FrameTimeout),
        CloseReason.IdleTimeout => IsDue(_lastHeard, options.IdleTimeout),
        CloseReason.SendTimeout => IsDue(_waitsSince, options.SendTimeout),
        _ => false,
    };

    private bool IsPaused => AppPaused || _stopped || connection.Sends.IsFull || IsHeldUp();

    private void SeeWhetherPaused()
    {
        if (IsPaused)
        {
            _pausedAt = engine.Now;
        }
    }

    // A pause stops the deadlines of receiving. Its end starts them anew, but for that of a frame in progress.
    private long SincePause(long since) => Math.Max(since, _pausedAt);

    private bool IsDecoded => connection.FramesReceived == Frames;

    private bool IsDue(long? since, TimeSpan timeout) => timeout > TimeSpan.Zero && engine.Now >= since + timeout.TotalMilliseconds;

    private bool IsOver(long? since, TimeSpan timeout) => timeout > TimeSpan.Zero && engine.Now >= since + timeout.TotalMilliseconds + Tick;

    private void CheckAllSent() => Check(_accepted.Count == connection.Peer.Received.Count, "it finishes sending before all was sent");

    private void Check(bool holds, string rule) => engine.Check(holds, $"connection {connection.Id}: {rule}");
}
