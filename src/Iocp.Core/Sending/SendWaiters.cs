namespace Iocp.Core;

/// <summary>A list of waiting sends, oldest first. A mutable struct: keep it in a field that is not readonly.</summary>
internal struct SendWaiters
{
    private SendWaiter? _first;
    private SendWaiter? _last;

    public readonly bool IsEmpty => _first is null;

    public void Add(SendWaiter waiter)
    {
        if (_last is null)
        {
            _first = waiter;
        }
        else
        {
            _last.Next = waiter;
        }

        _last = waiter;
    }

    public SendWaiter? RemoveFirst()
    {
        SendWaiter? waiter = _first;
        if (waiter is not null)
        {
            Unlink(waiter, previous: null);
        }

        return waiter;
    }

    /// <summary>False when it is not in the list.</summary>
    public bool Remove(SendWaiter waiter)
    {
        SendWaiter? previous = null;
        for (SendWaiter? current = _first; current is not null; previous = current, current = current.Next)
        {
            if (current == waiter)
            {
                Unlink(waiter, previous);
                return true;
            }
        }

        return false;
    }

    /// <summary>Tells all of them, in order; not under a lock.</summary>
    public void CompleteAll(SendStatus status)
    {
        while (RemoveFirst() is { } waiter)
        {
            waiter.Complete(status);
        }
    }

    private void Unlink(SendWaiter waiter, SendWaiter? previous)
    {
        if (previous is null)
        {
            _first = waiter.Next;
        }
        else
        {
            previous.Next = waiter.Next;
        }

        if (_last == waiter)
        {
            _last = previous;
        }

        waiter.Next = null;
    }
}
