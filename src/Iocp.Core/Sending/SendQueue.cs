namespace Iocp.Core;

/// <summary>
/// What waits to be sent on one connection. Its lock is the connection's one short lock: nothing is called while it is held but the pools.
/// At most one sender at a time holds the claim (<see cref="_sending"/>): it gathers, sends, and reports until nothing is left. The bytes
/// that it gathered stay where they are until it reports them, or until the connection has closed.
/// </summary>
internal sealed class SendQueue(SendSegmentPool segments, int bound)
{
    private SendSegment? _head;
    private SendSegment? _tail;
    private SendWaiter? _firstWaiter;
    private SendWaiter? _lastWaiter;
    private ShortLock _lock;
    private long _queued;
    private long _lastProgress;
    private long _reportedSends;
    private bool _sending;
    private bool _inFlight;
    private bool _shut;
    private bool _full;         // reached the bound and has not yet sunk to half of it

    public long BytesSent { get; private set; }

    public long Sends { get; private set; }

    /// <summary>When the peer last took a byte of the send in progress, or when that began, in milliseconds on the host's clock; null: nothing is in flight.</summary>
    public long? InFlightSince
    {
        get
        {
            using (_lock.Enter())
            {
                return _inFlight ? _lastProgress : null;
            }
        }
    }

    public long BytesQueued => Volatile.Read(ref _queued);

    public bool IsFull => Volatile.Read(ref _full);

    public bool IsDrained
    {
        get
        {
            using (_lock.Enter())
            {
                return _queued == 0 && !_sending;
            }
        }
    }

    /// <summary>Copies data to the end of the queue.</summary>
    /// <param name="data">The bytes of one send.</param>
    /// <param name="sizeHint">Bytes likely to be appended before anything is sent.</param>
    /// <param name="claim">Whether the caller wants to send when nobody does; false while it is corked.</param>
    /// <param name="claimed">The caller must send now.</param>
    public SendStatus Append(ReadOnlySpan<byte> data, int sizeHint, bool claim, out bool claimed)
    {
        using (_lock.Enter())
        {
            return TryCopy(data, sizeHint, claim, out claimed);
        }
    }

    /// <summary>Joins the waiting sends, unless there is room after all or the queue is shut.</summary>
    public SendWaiter? Wait(ReadOnlyMemory<byte> data, out SendStatus status, out bool claimed)
    {
        using (_lock.Enter())
        {
            status = TryCopy(data.Span, 0, claim: true, out claimed);
            if (status != SendStatus.QueueFull)
            {
                return null;
            }

            var waiter = new SendWaiter(this, data);
            if (_lastWaiter is null)
            {
                _firstWaiter = waiter;
            }
            else
            {
                _lastWaiter.Next = waiter;
            }

            _lastWaiter = waiter;
            return waiter;
        }
    }

    /// <summary>Takes a cancelled waiter out; false when it was served before.</summary>
    public bool Withdraw(SendWaiter waiter)
    {
        using (_lock.Enter())
        {
            SendWaiter? previous = null;
            for (SendWaiter? current = _firstWaiter; current is not null; previous = current, current = current.Next)
            {
                if (current == waiter)
                {
                    Unlink(waiter, previous);
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Claims the right to send; true when something waits and nobody sends.</summary>
    public bool TryClaim()
    {
        using (_lock.Enter())
        {
            return Claim();
        }
    }

    /// <summary>The oldest bytes, for the holder of the claim; when there are none, the claim is given up and 0 returned.</summary>
    public int Gather(List<ArraySegment<byte>> buffers, int maxBuffers, int maxBytes, long now)
    {
        using (_lock.Enter())
        {
            buffers.Clear();
            int gathered = 0;
            for (SendSegment? segment = _head; segment is not null && buffers.Count < maxBuffers && gathered < maxBytes; segment = segment.Next)
            {
                if (segment.Length > 0)
                {
                    buffers.Add(new ArraySegment<byte>(segment.Buffer, segment.Start, segment.Length));
                    gathered += segment.Length;
                }
            }

            _sending = _inFlight = gathered > 0;
            _lastProgress = now;
            return gathered;
        }
    }

    /// <summary>The holder of the claim reports that the system took bytes. Waiting sends move up as room allows.</summary>
    /// <param name="bytes">How many; a partial send goes on where it stopped.</param>
    /// <param name="now">Milliseconds on the host's clock.</param>
    /// <param name="newSends">Sends queued since the last report.</param>
    /// <returns>Whether the queue sank to half of its bound after having been full.</returns>
    public bool Complete(int bytes, long now, out long newSends)
    {
        SendWaiter? served = null;
        SendWaiter? lastServed = null;
        bool reopened = false;
        using (_lock.Enter())
        {
            BytesSent += bytes;
            newSends = Sends - _reportedSends;
            _reportedSends = Sends;
            _lastProgress = now;
            _inFlight = false;
            _queued -= bytes;
            while (_head is { } head && (bytes > 0 || head.Length == 0))
            {
                int taken = Math.Min(bytes, head.Length);
                head.Start += taken;
                bytes -= taken;
                if (head.Length > 0)
                {
                    break;
                }

                _head = head.Next;
                segments.Return(head);
            }

            if (_head is null)
            {
                _tail = null;
            }

            while (_firstWaiter is { } waiter && _queued < bound && !_shut)
            {
                Copy(waiter.Data.Span, 0);
                Unlink(waiter, null);
                if (lastServed is null)
                {
                    served = waiter;
                }
                else
                {
                    lastServed.Next = waiter;
                }

                lastServed = waiter;
            }

            if (_full && _queued <= bound / 2)
            {
                _full = false;
                reopened = true;
            }
        }

        Complete(served, SendStatus.Queued);
        return reopened;
    }

    /// <summary>No more sends: later ones and those that wait for room say Closed. What is queued stays.</summary>
    public void Shut()
    {
        SendWaiter? waiters;
        using (_lock.Enter())
        {
            _shut = true;
            waiters = _firstWaiter;
            _firstWaiter = _lastWaiter = null;
        }

        Complete(waiters, SendStatus.Closed);
    }

    /// <summary>Drops what is queued; only after the last operation of the connection has left the kernel.</summary>
    public void Release()
    {
        Shut();
        using (_lock.Enter())
        {
            while (_head is { } head)
            {
                _head = head.Next;
                segments.Return(head);
            }

            _tail = null;
            _queued = 0;
            _sending = _inFlight = false;
        }
    }

    private static void Complete(SendWaiter? waiters, SendStatus status)
    {
        while (waiters is not null)
        {
            SendWaiter? next = waiters.Next;
            waiters.Next = null;
            waiters.Complete(status);
            waiters = next;
        }
    }

    private SendStatus TryCopy(ReadOnlySpan<byte> data, int sizeHint, bool claim, out bool claimed)
    {
        claimed = false;
        if (_shut)
        {
            return SendStatus.Closed;
        }

        if (_queued >= bound || _firstWaiter is not null)
        {
            return SendStatus.QueueFull;
        }

        Copy(data, sizeHint);
        claimed = claim && Claim();
        return SendStatus.Queued;
    }

    private bool Claim()
    {
        if (_sending || _queued == 0)
        {
            return false;
        }

        return _sending = true;
    }

    private void Copy(ReadOnlySpan<byte> data, int sizeHint)
    {
        Sends++;
        _queued += data.Length;
        _full |= _queued >= bound;
        while (!data.IsEmpty)
        {
            if (_tail is null || _tail.Room == 0)
            {
                // Each segment doubles the one before: few operations for much data, little memory for little.
                int size = Math.Max(Math.Max(data.Length, sizeHint), _tail is null ? SendSegment.DefaultSize : _tail.Buffer.Length * 2);
                SendSegment segment = segments.Rent(Math.Min(size, SendSegment.MaxSize));
                if (_tail is null)
                {
                    _head = segment;
                }
                else
                {
                    _tail.Next = segment;
                }

                _tail = segment;
            }

            int count = Math.Min(data.Length, _tail.Room);
            data[..count].CopyTo(_tail.Buffer.AsSpan(_tail.End));
            _tail.End += count;
            data = data[count..];
        }
    }

    private void Unlink(SendWaiter waiter, SendWaiter? previous)
    {
        if (previous is null)
        {
            _firstWaiter = waiter.Next;
        }
        else
        {
            previous.Next = waiter.Next;
        }

        if (_lastWaiter == waiter)
        {
            _lastWaiter = previous;
        }

        waiter.Next = null;
    }
}
