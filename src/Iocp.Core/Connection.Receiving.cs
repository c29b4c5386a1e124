using System.Buffers;
using Iocp.Core.Engines;

namespace Iocp.Core;

// From a completed read to delivered frames. Runs on the engine's threads, one at a time for a connection: the reader.
public abstract partial class Connection
{
    private FrameAssembler _assembler;
    private long _lastReceived;

    private enum DecodeOutcome
    {
        NeedMore,
        Paused,
        Closing,
        Ended,
    }

    /// <summary>Whether there is a reason not to read.</summary>
    internal bool IsPaused => !_gate.IsOpen;

    /// <summary>Whether this thread is inside a callback of this connection.</summary>
    internal bool IsDecodingHere => _sends.CorkedBy == Environment.CurrentManagedThreadId;

    /// <summary>
    /// Stops reading and decoding: at once when called from <see cref="IFrameHandler.OnFrame"/>, otherwise after the frame in hand. What was
    /// already read is kept undecoded; nothing more is read, so the peer's end is not seen either, and the deadlines of receiving stand still. Frames
    /// that wait in a queue already are still handed out.
    /// </summary>
    public void PauseReceiving() => _gate.Close(PauseReasons.Application);

    /// <summary>Undoes <see cref="PauseReceiving"/>, however often that was called.</summary>
    public void ResumeReceiving() => OpenGate(PauseReasons.Application);

    /// <summary>The engine completed a read.</summary>
    /// <param name="data">Lent for the call; empty: the peer has finished sending.</param>
    /// <returns>True: go on reading. False: read nothing before <see cref="EngineRequests.Resume"/>.</returns>
    internal bool OnReceived(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            Set(PeerEnded);
        }

        return Receive(data, resumes: false);
    }

    /// <summary>The engine took up <see cref="EngineRequests.Resume"/>. Returns as <see cref="OnReceived"/>.</summary>
    internal bool OnResumed() => Receive(default, resumes: true);

    /// <summary>Asked by the engine before each read; false: as for <see cref="OnReceived"/>.</summary>
    internal bool MayRead() => _gate.IsOpen || !TryStop();

    /// <summary>Opens the gate for one reason, and restarts the reader when that makes it run again.</summary>
    internal void OpenGate(PauseReasons reason)
    {
        bool paused = IsPaused;
        if (paused)
        {
            RestartDeadlines();
        }

        if (_gate.Open(reason))
        {
            RequestResume();
        }
        else if (paused && !IsPaused)
        {
            ScheduleFrameTimeout();     // the reader has not stopped: the time of a frame in progress has run on
        }
    }

    internal void CloseGate(PauseReasons reason) => _gate.Close(reason);

    // The reader has stopped, and nobody else will restart it. Whoever opened the gate may be about another connection's business.
    private void RequestResume()
    {
        try
        {
            Request(EngineRequests.Resume);
        }
        catch (OutOfMemoryException exception)
        {
            OnFailed(exception);
        }
    }

    private bool Receive(ReadOnlySpan<byte> input, bool resumes)
    {
        try
        {
            if (!input.IsEmpty)
            {
                _lastReceived = Host.Now;       // first: whoever sees the bytes counted must see when they came
                _bytesReceived += input.Length;
                Host.Counters.AddReceived(input.Length);
            }
            else if (resumes)
            {
                _lastReceived = Host.Now;       // the time in which we did not read is not the peer's
                ResumeFrameTimeout(_lastReceived);
            }

            while (true)
            {
                switch (Decode(ref input))
                {
                    case DecodeOutcome.Closing:
                        return Discard();
                    case DecodeOutcome.Paused:
                        // Sending what the frames so far were answered with may have opened the gate again.
                        if (!_gate.IsOpen)
                        {
                            // Kept before the reader stops: from then on another thread may be the reader.
                            _assembler.Keep(input, Host.Pool);
                            input = default;
                            if (TryStop())
                            {
                                return false;
                            }
                        }

                        continue;
                    case DecodeOutcome.NeedMore when !Has(PeerEnded):
                        if (_assembler.IsUntimed)
                        {
                            _assembler.BeginTiming(Host.Now);      // not when the read began: what it brought may have been long in the handler
                        }

                        return true;
                    case DecodeOutcome.NeedMore:
                        EndInput(_assembler.InsideFrame ? CloseCause.TruncatedFrame : CloseCause.RemoteClosed);
                        break;
                    default:
                        EndInput(_assembler.Rejection is { } rejection
                            ? new CloseCause(CloseReason.FrameRejected, rejection)
                            : new CloseCause(_assembler.Error is OutOfMemoryException ? CloseReason.ResourceExhausted : CloseReason.DecoderFailed, error: _assembler.Error));
                        break;
                }

                // Nothing more will be decoded. Until a close is requested there is nothing to read for, either.
                return !_gate.TryStop() && Discard();
            }
        }
        catch (Exception exception)
        {
            // No memory, or no array long enough, for what is kept of a frame.
            OnFailed(exception);
            return Discard();
        }
    }

    // The time stops first: once the reader has stopped, another thread may be the reader.
    private bool TryStop()
    {
        _assembler.PauseTiming(Host.Now);
        if (_gate.TryStop())
        {
            return true;
        }

        ResumeFrameTimeout(Host.Now);
        return false;
    }

    private DecodeOutcome Decode(ref ReadOnlySpan<byte> input)
    {
        FrameDelivery delivery = Host.Delivery;
        ArrayPool<byte> pool = Host.Pool;
        int maxFrameLength = _origin.MaxFrameLength;
        long framesBefore = _assembler.FrameIndex;
        long completedAt = _lastReceived;
        _sends.CorkedBy = Environment.CurrentManagedThreadId;
        _sends.ExpectedBytes = (ushort)Math.Min(input.Length + _assembler.BytesHeld, ushort.MaxValue);     // answers are likely to be as long as what they answer
        try
        {
            while (true)
            {
                if (Has(CloseRequested))
                {
                    return DecodeOutcome.Closing;
                }

                if (!_gate.IsOpen)
                {
                    return Has(InputEnded) ? DecodeOutcome.Ended : DecodeOutcome.Paused;
                }

                switch (_assembler.Next(ref input, pool, maxFrameLength, out Frame frame))
                {
                    case AssemblerStatus.Frame:
                        delivery.Deliver(this, in frame);
                        break;
                    case AssemblerStatus.NeedMore:
                        return DecodeOutcome.NeedMore;
                    default:
                        return DecodeOutcome.Ended;
                }
            }
        }
        finally
        {
            try
            {
                long frames = _assembler.FrameIndex - framesBefore;
                if (frames > 0)
                {
                    Host.Counters.AddFramesReceived(frames);
                    delivery.EndOfRead(this, completedAt);
                }
            }
            finally
            {
                _sends.CorkedBy = 0;
                Flush();
            }
        }
    }

    // After a close was requested: what comes is read and dropped, so that our last bytes are not destroyed by a reset. What is held of the
    // stream goes back now: the peer's end may be long in coming.
    private bool Discard()
    {
        _assembler.Drop(Host.Pool);
        if (!Has(PeerEnded))
        {
            return true;
        }

        FinishClose();
        return false;
    }

    private void EndInput(CloseCause cause)
    {
        _gate.Close(PauseReasons.InputEnded);
        BeginEnding(cause);     // whoever sees the bit below finds the cause
        if (Set(InputEnded))
        {
            Host.Delivery.InputEnded(this);
        }
    }
}
