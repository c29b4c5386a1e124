using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Iocp.Core;

/// <summary>
/// What waits to be sent on one connection, behind the connection's one short lock: nothing is called while it is held but the pools.
/// At most one sender at a time holds the claim: it gathers, sends, and reports until nothing is left. The bytes that it gathered stay where
/// they are until it reports them, or until the connection has closed.
/// </summary>
/// <remarks>
/// A connection with nothing to send keeps two counts: everything else is in the <see cref="SendBacklog"/>, which is rented by the first send and
/// given back by the sender that leaves nothing in it. A mutable struct: keep it in a field that is not readonly, and never copy it.
/// </remarks>
internal struct SendQueue
{
    private SendBacklog? _backlog;
    private long _bytesSent;
    private long _sends;
    private ShortLock _lock;
    private bool _shut;

    /// <summary>Managed id of the thread that is decoding: its sends leave together after the last frame. 0: none is.</summary>
    /// <remarks>The connection's, as the next. They are here because they fit beside the lock and the flag: as fields of the connection they would cost each 8 bytes.</remarks>
    public int CorkedBy { get; set; }

    /// <summary>Bytes that the thread which is decoding is likely to send.</summary>
    public ushort ExpectedBytes { get; set; }

    /// <summary>The number of the message that the holder of the claim sends by; 0: by none. Here, because an idle connection has no room for it. Without the lock: the claim keeps it.</summary>
    public int Message
    {
        readonly get => _backlog?.Message ?? 0;
        set => _backlog!.Message = value;
    }

    public readonly long BytesSent => Volatile.Read(in _bytesSent);

    /// <summary>Sends accepted; one of no bytes does not count.</summary>
    public readonly long Sends => Volatile.Read(in _sends);

    /// <summary>Whether there is nothing to send, and so nobody who sends, as far as can be seen without the lock.</summary>
    public readonly bool LooksEmpty => Volatile.Read(in _backlog) is null;

    /// <summary>Since when the peer is waited for to take what was gathered, in milliseconds on the host's clock; null: it is not.</summary>
    public long? WaitsSince
    {
        get
        {
            if (LooksEmpty)
            {
                return null;
            }

            using (_lock.Enter())
            {
                return _backlog?.WaitsSince;
            }
        }
    }

    public long BytesQueued
    {
        get
        {
            using (_lock.Enter())
            {
                return _backlog?.Bytes ?? 0;
            }
        }
    }

    /// <summary>It reached the bound and has not yet sunk to half of it.</summary>
    public bool IsFull
    {
        get
        {
            using (_lock.Enter())
            {
                return _backlog is { Full: true };
            }
        }
    }

    /// <summary>Copies data to the end of the queue.</summary>
    /// <param name="pool">Of backlogs; the same in every call.</param>
    /// <param name="data">The bytes of one send.</param>
    /// <param name="sizeHint">Bytes likely to be appended before anything is sent.</param>
    /// <param name="claim">Whether the caller wants to send when nobody does; false while it is corked.</param>
    [UnscopedRef]
    public AppendResult Append(SendBacklogPool pool, ReadOnlySpan<byte> data, int sizeHint, bool claim)
    {
        using (_lock.Enter())
        {
            return TryAppend(pool, data, sizeHint, claim);
        }
    }

    /// <summary>As <see cref="Append"/>, but joins the waiting sends instead of being refused for want of room; null when it did not have to.</summary>
    [UnscopedRef]
    public SendWaiter? Wait(SendBacklogPool pool, ISendQueueOwner owner, ReadOnlyMemory<byte> data, out AppendResult result)
    {
        ReadOnlySpan<byte> bytes = data.Span;       // not under the lock: whoever owns the memory may run here
        using (_lock.Enter())
        {
            result = TryAppend(pool, bytes, 0, claim: true);
            if (result.Status != SendStatus.QueueFull)
            {
                return null;
            }

            // What its owner's code gives is copied now: later that code would run under the lock.
            bool owned = MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(data, out _);
            var waiter = new SendWaiter(owner, owned ? bytes.ToArray() : data);
            _backlog!.Waiters.Add(waiter);
            waiter.IsWaiting = true;
            return waiter;
        }
    }

    /// <summary>Takes a cancelled waiter out; false when it was served before.</summary>
    [UnscopedRef]
    public bool Withdraw(SendWaiter waiter)
    {
        using (_lock.Enter())
        {
            if (_shut || !waiter.IsWaiting)
            {
                return false;       // shut: all of them have left the list
            }

            waiter.IsWaiting = false;
            return _backlog!.Waiters.Remove(waiter);    // who waits keeps it here
        }
    }

    /// <summary>Claims the right to send; true when something waits and nobody sends.</summary>
    [UnscopedRef]
    public bool TryClaim()
    {
        using (_lock.Enter())
        {
            return _backlog is { } backlog && backlog.Claim();
        }
    }

    /// <summary>The oldest bytes, for the holder of the claim: at least one.</summary>
    /// <param name="buffers">What is gathered.</param>
    /// <param name="maxBuffers">At most so many pieces.</param>
    /// <param name="maxBytes">No further piece once there are so many.</param>
    /// <param name="waitsFrom">As <see cref="BeginWait"/>, for those who cannot tell later; null: they can.</param>
    [UnscopedRef]
    public int Gather(List<ArraySegment<byte>> buffers, int maxBuffers, int maxBytes, long? waitsFrom = null)
    {
        buffers.Clear();
        using (_lock.Enter())
        {
            SendBacklog backlog = _backlog!;    // the claim keeps it here
            if (waitsFrom is { } now)
            {
                backlog.BeginWait(now);
            }

            return backlog.Gather(buffers, maxBuffers, maxBytes);
        }
    }

    /// <summary>
    /// What the holder of the claim gathered may have to wait for the peer: the send deadline looks at it from now on, or if the peer has taken nothing since the last call, from then on.
    /// Not before what does not wait: most sends end at once, and the time costs more than they do.
    /// </summary>
    [UnscopedRef]
    public void BeginWait(long now)
    {
        using (_lock.Enter())
        {
            _backlog!.BeginWait(now);
        }
    }

    /// <summary>
    /// The holder of the claim reports that the system took bytes. Waiting sends move up as room allows; when nothing is left after that, the claim is
    /// given up.
    /// </summary>
    /// <param name="bytes">How many; a partial send goes on where it stopped.</param>
    /// <param name="newSends">Sends accepted since the last report.</param>
    /// <param name="reopened">Whether the queue sank to half of its bound after having been full.</param>
    /// <param name="finished">Whether nothing is left and <see cref="Shut"/> was called: that was the last. If it is called later, it sees the same itself.</param>
    /// <returns>Whether there is more to gather, and the claim still held.</returns>
    [UnscopedRef]
    public bool Complete(int bytes, out long newSends, out bool reopened, out bool finished)
    {
        LinkedFifo<SendWaiter> served = default;
        bool more;
        using (_lock.Enter())
        {
            SendBacklog backlog = _backlog!;    // the claim keeps it here
            _bytesSent += bytes;
            backlog.Take(bytes);
            newSends = backlog.UnreportedSends;
            backlog.UnreportedSends = 0;
            if (!backlog.Waiters.IsEmpty)
            {
                Serve(backlog, ref served);
            }

            reopened = backlog.Reopen();
            more = backlog.Bytes > 0;
            finished = !more && _shut;      // decided here: as soon as the lock is left, another send may be queued
            if (!more)
            {
                GiveBack(backlog);
            }
        }

        SendWaiter.CompleteAll(ref served, SendStatus.Queued);
        return more;
    }

    /// <summary>No more sends: later ones and those that wait for room say Closed. What is queued stays.</summary>
    /// <returns>Whether nothing is queued, and so nobody sends.</returns>
    [UnscopedRef]
    public bool Shut()
    {
        LinkedFifo<SendWaiter> waiters = default;
        bool drained;
        using (_lock.Enter())
        {
            _shut = true;
            if (_backlog is { } backlog)
            {
                waiters = backlog.Waiters;
                backlog.Waiters = default;
            }

            drained = _backlog is null;
        }

        SendWaiter.CompleteAll(ref waiters, SendStatus.Closed);
        return drained;
    }

    /// <summary>Drops what is queued; only after the last operation of the connection has left the kernel.</summary>
    [UnscopedRef]
    public void Release()
    {
        Shut();
        using (_lock.Enter())
        {
            if (_backlog is { } backlog)
            {
                GiveBack(backlog);
            }
        }
    }

    /// <summary>Forgets what is queued and gives no memory of it back: the kernel may read it for ever.</summary>
    [UnscopedRef]
    public void Abandon()
    {
        Shut();
        using (_lock.Enter())
        {
            _backlog = null;
        }
    }

    private AppendResult TryAppend(SendBacklogPool pool, ReadOnlySpan<byte> data, int sizeHint, bool claim)
    {
        if (_shut)
        {
            return new AppendResult(SendStatus.Closed);
        }

        if (_backlog is null && data.IsEmpty)
        {
            return new AppendResult(SendStatus.Queued);     // a backlog without a byte would have no sender to give it back
        }

        SendBacklog backlog = _backlog ?? pool.Rent(Math.Max(data.Length, sizeHint));
        if (!backlog.HasRoom || !backlog.Waiters.IsEmpty)
        {
            return new AppendResult(SendStatus.QueueFull);
        }

        Accept(backlog, data, sizeHint);
        _backlog ??= backlog;       // not before: this may have thrown for want of memory
        return new AppendResult(SendStatus.Queued, claim && backlog.Claim(), backlog.Full);
    }

    private void Accept(SendBacklog backlog, ReadOnlySpan<byte> data, int sizeHint)
    {
        if (!data.IsEmpty)
        {
            backlog.Append(data, sizeHint);
            _sends++;
            backlog.UnreportedSends++;
        }
    }

    private void Serve(SendBacklog backlog, ref LinkedFifo<SendWaiter> served)
    {
        while (backlog.HasRoom && !_shut && backlog.Waiters.RemoveFirst() is { } waiter)
        {
            waiter.IsWaiting = false;
            try
            {
                Accept(backlog, waiter.Data.Span, 0);
                served.Add(waiter);
            }
            catch (Exception exception)
            {
                // No memory. Runs nothing here; who waits behind it may fare better.
                waiter.Fail(exception);
            }
        }
    }

    private void GiveBack(SendBacklog backlog)
    {
        _backlog = null;
        backlog.Release();
    }
}

/// <summary>What became of an append.</summary>
/// <param name="Status">What the caller of the send is told.</param>
/// <param name="Claimed">The caller must send now.</param>
/// <param name="Full">The queue is at its bound, or was and has not sunk to half of it.</param>
internal readonly record struct AppendResult(SendStatus Status, bool Claimed = false, bool Full = false);
