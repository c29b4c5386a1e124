using Iocp.Core.Engines;

namespace Iocp.Core;

// How a connection ends: request, send what is queued, half-close, read to the peer's end, release, notify. Every step is a bit that is
// set once; whoever sets the last bit that a step waits for takes the step.
public abstract partial class Connection
{
    private const int PeerEnded = 1;            // the peer has finished sending
    private const int InputEnded = 2;           // no further frame can be decoded
    private const int CloseRequested = 4;       // nothing is delivered or queued any more
    private const int AbortRequested = 8;
    private const int SendingFinished = 16;     // after CloseRequested: all that was queued has left
    private const int Released = 32;            // nothing of the connection is left in the kernel
    private const int Notified = 64;
    private const int FramesDropped = 128;      // the application closed: frames not yet taken are dropped
    private const int AbortFailed = 256;        // to request it, for want of memory: nothing else may end the connection, so it is tried until it succeeds

    private const int AbortRetryTime = 1000;    // milliseconds

    private Ending? _ending;

    internal bool IsReleased => Has(Released);

    internal bool IsInputEnded => Has(InputEnded);

    internal bool DropsFrames => Has(FramesDropped);

    /// <summary>
    /// Closes. Frames not yet delivered are dropped and later sends say <see cref="SendStatus.Closed"/>. Does no more than drop those frames when the connection
    /// is closing already, but an abortive close cuts a graceful one short. Returns at once; <see cref="FrameHostOptions.Closed"/> follows.
    /// </summary>
    /// <param name="mode">Whether what is queued is still sent.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such mode.</exception>
    public void Close(CloseMode mode = CloseMode.Graceful)
    {
        if (mode is not (CloseMode.Graceful or CloseMode.Abortive))
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, $"mode is {(int)mode}; it must be one of {string.Join(", ", Enum.GetNames<CloseMode>())}.");
        }

        Set(FramesDropped);
        RequestClose(CloseCause.LocalClosed, mode);
    }

    /// <summary>Begins to close, or hurries a close in progress. The first cause ever set stays.</summary>
    internal void RequestClose(CloseCause cause, CloseMode mode)
    {
        BeginEnding(cause);
        bool first = Set(CloseRequested);
        if (first)
        {
            try
            {
                BeginClose(graceful: mode == CloseMode.Graceful);
            }
            catch (OutOfMemoryException)
            {
                mode = CloseMode.Abortive;      // a step that failed is not taken again, and the others would wait for it
            }
        }

        if (mode == CloseMode.Abortive && Set(AbortRequested) && !TryRequestAbort())
        {
            Set(AbortFailed);
            Host.Wheel.Schedule(this, Host.Now + AbortRetryTime);
        }

        if (first && _gate.Release())
        {
            RequestResume();
        }
    }

    // False: there was no memory for it.
    private bool TryRequestAbort()
    {
        try
        {
            Request(EngineRequests.Close | EngineRequests.Abort);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private void BeginClose(bool graceful)
    {
        _ending!.BeginClose();
        bool drained = _sends.Shut();    // a send that another thread is appending at this moment is in the queue, or says Closed
        Host.Delivery.CloseRequested(this);
        if (graceful && drained)
        {
            FinishSending();
        }
        else if (graceful)
        {
            Flush();
        }
    }

    /// <summary>The application is done with the last frame: answers that are queued still leave.</summary>
    internal void FinishInput() => RequestClose(_ending!.Cause, CloseMode.Graceful);

    /// <summary>Bounds the time that <see cref="FinishInput"/> may take.</summary>
    internal void LimitDrain()
    {
        long due = Host.Now + (long)Host.Options.DrainTimeout.TotalMilliseconds;
        if (_ending!.BeginDrain(due))
        {
            Host.Wheel.Schedule(this, due);
        }
    }

    /// <summary>A read failed for good; the engine reads no more.</summary>
    internal void OnReceiveFailed(Exception error, bool reset)
        => RequestClose(new CloseCause(reset ? CloseReason.RemoteReset : CloseReason.ReceiveFailed, error: error), CloseMode.Abortive);

    /// <summary>A send failed for good; the engine sends no more.</summary>
    internal void OnSendFailed(Exception error, bool reset)
        => RequestClose(new CloseCause(reset ? CloseReason.RemoteReset : CloseReason.SendFailed, error: error), CloseMode.Abortive);

    /// <summary>The handler threw. Where the end has a cause already the notification does not tell of it, so the log does.</summary>
    internal void OnHandlerFailed(Exception error)
    {
        CloseCause cause = new(CloseReason.HandlerFailed, error: error);
        RequestClose(cause, CloseMode.Graceful);
        if (_ending!.Cause != cause)
        {
            Log.HandlerFailedLate(Host.Logger, error, Id, _ending.Cause.Reason);
        }
    }

    /// <summary>Something of ours failed, and the connection cannot go on: most likely there was no memory for it. It costs this connection and no other.</summary>
    internal void OnFailed(Exception error)
    {
        CloseReason reason = error is OutOfMemoryException ? CloseReason.ResourceExhausted : CloseReason.ReceiveFailed;
        RequestClose(new CloseCause(reason, error: error), CloseMode.Abortive);
    }

    /// <summary>As <see cref="OnFailed"/>, for those who may not throw.</summary>
    internal void TryFail(Exception error)
    {
        try
        {
            OnFailed(error);
        }
        catch (OutOfMemoryException)
        {
            // Not even for that: its peer, a deadline or a stop ends it.
        }
    }

    /// <summary>The last operation of the connection has left the kernel and its handle is released; called once, when no callback of it runs.</summary>
    internal void OnClosed()
    {
        Host.Wheel.Cancel(this);
        _sends.Release();
        ReleaseDecoder();
        Set(Released);
        Host.Delivery.Closed(this);
    }

    /// <summary>Gives the decoder up; at close, or when the connection was never admitted.</summary>
    internal void ReleaseDecoder()
    {
        try
        {
            _assembler.Release(Host.Pool);
        }
        catch (Exception exception)
        {
            Log.DecoderNotDisposed(Host.Logger, exception, Id);
        }
    }

    /// <summary>Gives the one close notification; does nothing the second time.</summary>
    internal void Notify()
    {
        if (Set(Notified))
        {
            Host.Notify(new ConnectionClosed(this, _ending!.Cause.Reason, _ending.Cause.Rejection, _ending.Cause.Error));
        }
    }

    // All that was queued has left, and nothing more can be queued.
    private void FinishSending()
    {
        if (!Set(SendingFinished) || Has(AbortRequested))
        {
            return;
        }

        if (Has(PeerEnded))
        {
            FinishClose();
            return;
        }

        // Before the peer can see the half-close: from then on its time runs.
        long due = Host.Now + (long)Host.Options.LingerTimeout.TotalMilliseconds;
        _ending!.PhaseDue = due;
        Host.Wheel.Schedule(this, due);
        Request(EngineRequests.HalfClose);
        if (Has(PeerEnded))
        {
            FinishClose();
        }
    }

    // Both directions are done.
    private void FinishClose()
    {
        if (Has(SendingFinished))
        {
            Request(EngineRequests.Close);
        }
    }

    // The first cause stays.
    private void BeginEnding(CloseCause cause)
    {
        if (Volatile.Read(ref _ending) is null)
        {
            Interlocked.CompareExchange(ref _ending, new Ending(cause), null);
        }
    }

    private sealed class Ending(CloseCause cause)
    {
        private const long NoPhase = long.MaxValue;
        private const long Closing = -1;    // none but the linger time may come now

        private long _phaseDue = NoPhase;

        public CloseCause Cause { get; } = cause;

        /// <summary>The end of the drain or linger time.</summary>
        public long PhaseDue
        {
            get => Volatile.Read(ref _phaseDue) is >= 0 and var due ? due : NoPhase;
            set => Volatile.Write(ref _phaseDue, value);
        }

        /// <summary>False: a close has begun meanwhile, which has its own times.</summary>
        public bool BeginDrain(long due) => Interlocked.CompareExchange(ref _phaseDue, due, NoPhase) == NoPhase;

        /// <summary>Ends the drain time.</summary>
        public void BeginClose() => PhaseDue = Closing;
    }
}
