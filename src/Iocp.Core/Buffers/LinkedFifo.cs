namespace Iocp.Core;

/// <summary>What carries its own link, and so can wait in one <see cref="LinkedFifo{T}"/> at a time without another allocation.</summary>
internal interface ILinked<T>
    where T : class
{
    T? Next { get; set; }
}

/// <summary>A list in the order of its items' coming, linked through the items. Not thread-safe. A mutable struct: keep it in a field that is not readonly.</summary>
internal struct LinkedFifo<T>
    where T : class, ILinked<T>
{
    private T? _first;
    private T? _last;

    public readonly bool IsEmpty => _first is null;

    public void Add(T item)
    {
        if (_last is null)
        {
            _first = item;
        }
        else
        {
            _last.Next = item;
        }

        _last = item;
    }

    /// <summary>Before all the others: undoes <see cref="RemoveFirst"/>.</summary>
    public void PutBack(T item)
    {
        item.Next = _first;
        _first = item;
        _last ??= item;
    }

    public T? RemoveFirst()
    {
        T? item = _first;
        if (item is not null)
        {
            Unlink(item, previous: null);
        }

        return item;
    }

    /// <summary>False when it is not in the list.</summary>
    public bool Remove(T item)
    {
        T? previous = null;
        for (T? current = _first; current is not null; previous = current, current = current.Next)
        {
            if (current == item)
            {
                Unlink(item, previous);
                return true;
            }
        }

        return false;
    }

    private void Unlink(T item, T? previous)
    {
        if (previous is null)
        {
            _first = item.Next;
        }
        else
        {
            previous.Next = item.Next;
        }

        if (_last == item)
        {
            _last = previous;
        }

        item.Next = null;
    }
}
