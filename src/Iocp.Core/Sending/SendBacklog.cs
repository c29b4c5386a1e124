namespace Iocp.Core;

/// <summary>
/// The sends of one connection that have not left, at least one byte, and who waits for room behind them. Guarded by the connection's lock; pooled.
/// </summary>
internal sealed class SendBacklog(SendBacklogPool pool)
{
    private SendSegment? _head;
    private SendSegment? _tail;

    /// <summary>Sends that wait for room, first in, first out.</summary>
    public LinkedFifo<SendWaiter> Waiters;

    public long Bytes { get; private set; }

    /// <summary>Sends accepted since the sender's last report.</summary>
    public long UnreportedSends { get; set; }

    /// <summary>Since when the peer is waited for; it had taken bytes until then. Null: it is not.</summary>
    public long? WaitsSince { get; private set; }

    /// <summary>See <see cref="SendQueue.Message"/>.</summary>
    public int Message { get; set; }

    /// <summary>Somebody holds the claim.</summary>
    public bool Sending { get; private set; }

    /// <summary>It reached the bound and has not yet sunk to half of it.</summary>
    public bool Full { get; private set; }

    public bool HasRoom => Bytes < pool.Bound;

    public bool Claim()
    {
        bool claimed = !Sending;
        Sending = true;
        return claimed;
    }

    /// <summary>Copies all of it, or throws for want of memory and has changed nothing: half a send would spoil the stream.</summary>
    public void Append(ReadOnlySpan<byte> data, int sizeHint)
    {
        if (_tail is { } tail && data.Length <= tail.Room)
        {
            Span<byte> room = tail.Buffer.AsSpan(tail.End);
            tail.End += data.Length;
            Count(data.Length);
            data.CopyTo(room);
        }
        else
        {
            AppendPieces(data, sizeHint);
        }
    }

    private void AppendPieces(ReadOnlySpan<byte> data, int sizeHint)
    {
        int room = _tail?.Room ?? 0;
        if (room < data.Length)
        {
            SendSegment added = RentSegments(data.Length - room, sizeHint);
            if (_tail is null)
            {
                _head = _tail = added;
            }
            else
            {
                _tail.Next = added;
            }
        }

        Count(data.Length);
        while (true)
        {
            int count = Math.Min(data.Length, _tail!.Room);
            data[..count].CopyTo(_tail.Buffer.AsSpan(_tail.End));
            _tail.End += count;
            data = data[count..];
            if (data.IsEmpty)
            {
                return;
            }

            _tail = _tail.Next;
        }
    }

    private void Count(int bytes)
    {
        Bytes += bytes;
        Full |= !HasRoom;
    }

    /// <summary>Lists the oldest bytes.</summary>
    public int Gather(List<ArraySegment<byte>> buffers, int maxBuffers, int maxBytes)
    {
        int gathered = 0;
        for (SendSegment? segment = _head; segment is not null && buffers.Count < maxBuffers && gathered < maxBytes; segment = segment.Next)
        {
            if (segment.Length > 0)
            {
                buffers.Add(new ArraySegment<byte>(segment.Buffer, segment.Start, segment.Length));
                gathered += segment.Length;
            }
        }

        return gathered;
    }

    /// <summary>The holder of the claim waits for the peer to take what it gathered; not from now, if it waited before and nothing was taken since.</summary>
    public void BeginWait(long now) => WaitsSince ??= now;

    /// <summary>The system took the oldest bytes.</summary>
    public void Take(int bytes)
    {
        WaitsSince = null;
        Bytes -= bytes;
        if (Bytes == 0)
        {
            Clear();
            return;
        }

        while (bytes >= _head!.Length)
        {
            SendSegment taken = _head;
            bytes -= taken.Length;
            _head = taken.Next;
            pool.Segments.Return(taken);
        }

        _head.Start += bytes;
    }

    /// <summary>True when it has sunk to half of its bound after having been full.</summary>
    public bool Reopen()
    {
        if (!Full || Bytes > pool.Bound / 2)
        {
            return false;
        }

        Full = false;
        return true;
    }

    /// <summary>Drops what is queued and goes back to the pool. Nobody waits.</summary>
    public void Release()
    {
        Clear();
        Bytes = 0;
        UnreportedSends = 0;
        WaitsSince = null;
        Sending = Full = false;
        pool.Return(this);
    }

    /// <summary>Gives back the kept segment, if there is one, unless it has so much room. Before anything is appended.</summary>
    public void DropKept(int room = int.MaxValue)
    {
        if (_head is { } kept && kept.Room < room)
        {
            _head = _tail = null;
            pool.Segments.Return(kept);
        }
    }

    // One segment is kept while the backlog waits in the pool, if it has the usual size: one pool operation instead of two for most sends.
    private void Clear()
    {
        SendSegment? kept = null;
        while (_head is { } head)
        {
            _head = head.Next;
            if (kept is null && head.Buffer.Length == SendSegment.KeptSize)
            {
                kept = head;
                kept.Reset();
            }
            else
            {
                pool.Segments.Return(head);
            }
        }

        _head = _tail = kept;
    }

    // A chain with room for so many bytes, not yet linked. Each segment doubles the one before: few operations for much data, little memory for little.
    private SendSegment RentSegments(int length, int sizeHint)
    {
        int doubled = _tail is null ? 0 : _tail.Buffer.Length * 2;
        SendSegment first = Rent();
        for (SendSegment last = first; (length -= last.Room) > 0; last = last.Next)
        {
            doubled = last.Buffer.Length * 2;
            last.Next = Rent();
        }

        return first;

        SendSegment Rent() => pool.Segments.Rent(Math.Min(Math.Max(doubled, Math.Max(length, sizeHint)), SendSegment.MaxSize));
    }
}
