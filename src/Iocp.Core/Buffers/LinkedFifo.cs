namespace Iocp.Core;

/// <summary>What carries its own links, and so can wait in one <see cref="LinkedFifo{T}"/> at a time without another allocation.</summary>
internal interface ILinked<T>
    where T : class
{
    T? Next { get; set; }

    T? Previous { get; set; }
}

/// <summary>
/// A list in the order of its items' coming, linked through the items both ways: whoever gives up waiting leaves from the middle at the same cost, however many
/// wait. Not thread-safe. A mutable struct: keep it in a field that is not readonly.
/// </summary>
internal struct LinkedFifo<T>
    where T : class, ILinked<T>
{
    private T? _first;
    private T? _last;

    public readonly bool IsEmpty => _first is null;

    public void Add(T item)
    {
        item.Previous = _last;
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
        if (_first is null)
        {
            _last = item;
        }
        else
        {
            _first.Previous = item;
        }

        _first = item;
    }

    public T? RemoveFirst()
    {
        T? item = _first;
        if (item is not null)
        {
            Remove(item);
        }

        return item;
    }

    /// <summary>False when it is in no list. It must not be in another one: that cannot be seen here.</summary>
    public bool Remove(T item)
    {
        if (item.Previous is { } previous)
        {
            previous.Next = item.Next;
        }
        else if (_first == item)
        {
            _first = item.Next;
        }
        else
        {
            return false;
        }

        if (item.Next is null)
        {
            _last = item.Previous;
        }
        else
        {
            item.Next.Previous = item.Previous;
        }

        item.Next = item.Previous = null;
        return true;
    }
}
