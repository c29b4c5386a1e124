using Iocp.Core.Engines;

namespace Iocp.Core;

// The sending side: a state machine of its own under the send queue's lock, which may run beside the reader.
public abstract partial class Connection : ISendQueueOwner
{
    private SendQueue _sends;

    // A connection that we made is read from whatever waits to be sent on it: two ends that both wait for the other to read would wait for ever.
    private bool PausesWhenFull => _origin.Listener is not null;

    /// <summary>What the engine gathers from after <see cref="EngineRequests.Send"/> was requested.</summary>
    internal ref SendQueue Sends => ref _sends;

    /// <summary>
    /// Queues bytes to send. They are copied before this returns and leave in the order of the calls, never interleaved with another
    /// send. Several sends may leave in one operation; those made inside <see cref="IFrameHandler.OnFrame"/> leave after the last frame of the read.
    /// </summary>
    /// <param name="data">One or more whole frames, if the framing insists on that.</param>
    /// <returns>Whether it was queued, and otherwise why not; that it has arrived nobody knows but the peer.</returns>
    /// <exception cref="OutOfMemoryException">There is none for the copy. Nothing was queued.</exception>
    /// <exception cref="Exception">Whatever the framing's <see cref="IFraming.CheckOutgoing"/> throws. Nothing was queued.</exception>
    public SendResult Send(ReadOnlySpan<byte> data)
    {
        if (Has(CloseRequested))
        {
            return new SendResult(SendStatus.Closed);
        }

        if (_origin.Framing.CheckOutgoing(data) is { } rejection)
        {
            Host.OnSendRefused(this, rejection);
            return new SendResult(SendStatus.Refused, rejection);
        }

        bool corked = IsDecodingHere;
        AppendResult result = _sends.Append(Host.Backlogs, data, sizeHint: corked ? _sends.ExpectedBytes : 0, claim: !corked);
        AfterAppend(result);
        return new SendResult(result.Status);
    }

    /// <inheritdoc cref="Send(ReadOnlySpan{byte})"/>
    public SendResult Send(ReadOnlyMemory<byte> data) => Send(data.Span);

    /// <summary>
    /// As <see cref="Send(ReadOnlySpan{byte})"/>, but waits for room instead of saying <see cref="SendStatus.QueueFull"/>. Waiting sends
    /// are served first in, first out; a <see cref="Send(ReadOnlySpan{byte})"/> does not overtake them.
    /// </summary>
    /// <param name="data">Must not change before the task completes.</param>
    /// <param name="cancellationToken">Gives up waiting; nothing was queued then.</param>
    /// <returns>As <see cref="Send(ReadOnlySpan{byte})"/>, but never <see cref="SendStatus.QueueFull"/>.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="OutOfMemoryException">There is none for the copy. Nothing was queued.</exception>
    /// <exception cref="Exception">Whatever the framing's <see cref="IFraming.CheckOutgoing"/> throws. Nothing was queued.</exception>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<SendResult>(cancellationToken);
        }

        SendResult result = Send(data.Span);
        if (result.Status != SendStatus.QueueFull)
        {
            return ValueTask.FromResult(result);
        }

        SendWaiter? waiter = _sends.Wait(Host.Backlogs, this, data, out AppendResult appended);
        if (waiter is null)
        {
            AfterAppend(appended);
            return ValueTask.FromResult(new SendResult(appended.Status));
        }

        if (cancellationToken.CanBeCanceled)
        {
            try
            {
                waiter.CancelWith(cancellationToken);
            }
            catch (OutOfMemoryException)
            {
                if (_sends.Withdraw(waiter))
                {
                    throw;      // nothing was queued
                }
            }
        }

        return new ValueTask<SendResult>(waiter.Task);
    }

    /// <summary>The system took bytes that the engine had gathered.</summary>
    /// <returns>True: gather the rest. False: nothing is left, and the next send requests <see cref="EngineRequests.Send"/> anew.</returns>
    internal bool OnSent(int bytes)
    {
        bool more = _sends.Complete(bytes, out long newSends, out bool reopened, out bool finished);
        Host.Counters.AddSent(bytes, newSends);
        if (reopened && PausesWhenFull)
        {
            OpenGateIfSendQueueAllows();
        }

        if (finished)
        {
            FinishSending();
        }

        return more;
    }

    bool ISendQueueOwner.Withdraw(SendWaiter waiter) => _sends.Withdraw(waiter);

    private void AfterAppend(AppendResult result)
    {
        if (result.Full && PausesWhenFull)
        {
            _gate.Close(PauseReasons.SendQueue);
            OpenGateIfSendQueueAllows();    // as with the receive share: undoes it if the queue sank in between
        }

        if (result.Claimed)
        {
            RequestSend();
        }
    }

    // Ends with the gate open and the queue seen not full after that, or closed and the queue full: another thread may fill it at any moment.
    private void OpenGateIfSendQueueAllows()
    {
        while (!_sends.IsFull)
        {
            OpenGate(PauseReasons.SendQueue);
            if (!_sends.IsFull)
            {
                return;
            }

            _gate.Close(PauseReasons.SendQueue);
        }
    }

    private void Flush()
    {
        if (!_sends.LooksEmpty && _sends.TryClaim())
        {
            RequestSend();
        }
    }

    // The claim is held: nobody else asks.
    private void RequestSend()
    {
        try
        {
            Request(EngineRequests.Send);
        }
        catch (OutOfMemoryException exception)
        {
            // What is queued would stay for ever, and nobody may be told that it was not queued.
            OnFailed(exception);
        }
    }
}
