namespace Iocp.Core;

// The lists of entries, which the lock guards.
internal sealed partial class TimerWheel<T>
{
    /// <summary>Under the lock, between ticks: the first that has a list to look at.</summary>
    private long FirstTick()
    {
        if (_count == 0)
        {
            return Never;
        }

        long tick = _target + 1;
        while (_heads[tick % Buckets] is null)
        {
            tick++;
        }

        return tick;
    }

    /// <summary>One step: takes an entry that is due, or puts a parked one back (null). False at the end of the tick.</summary>
    private bool TryTakeDue(out T? entry)
    {
        entry = null;
        lock (_lock)
        {
            T? head;
            while ((head = _heads[_hand % Buckets]) is null && _hand < _target)
            {
                _hand++;
            }

            if (head is null || _disposed)
            {
                return false;
            }

            Remove(head);
            ref TimerLink<T> link = ref head.TimerLink;
            if (link.Tick <= _target)
            {
                link.IsRunning = true;
                link.IsRescheduled = false;
                entry = head;
            }
            else
            {
                Add(head, link.Tick);
            }

            return true;
        }
    }

    /// <summary>Under the lock, for an entry on no list. Nothing that is added during a tick becomes due in it.</summary>
    /// <returns>The tick of its list: earlier than its own while it is parked.</returns>
    private long Add(T entry, long tick)
    {
        ref TimerLink<T> link = ref entry.TimerLink;
        link.Tick = tick = Math.Max(tick, _target + 1);
        tick = Math.Min(tick, _hand + Buckets - 1);
        link.Bucket = (int)(tick % Buckets); // never the list under the hand
        link.IsQueued = true;
        link.Previous = null;
        link.Next = _heads[link.Bucket];
        if (link.Next is { } next)
        {
            next.TimerLink.Previous = entry;
        }

        _heads[link.Bucket] = entry;
        _count++;
        return tick;
    }

    /// <summary>Under the lock; nothing to do for an entry on no list.</summary>
    private void Remove(T entry)
    {
        ref TimerLink<T> link = ref entry.TimerLink;
        if (!link.IsQueued)
        {
            return;
        }

        if (link.Previous is { } previous)
        {
            previous.TimerLink.Next = link.Next;
        }
        else
        {
            _heads[link.Bucket] = link.Next;
        }

        if (link.Next is { } next)
        {
            next.TimerLink.Previous = link.Previous;
        }

        link.Next = link.Previous = null;
        link.IsQueued = false;
        _count--;
    }
}
