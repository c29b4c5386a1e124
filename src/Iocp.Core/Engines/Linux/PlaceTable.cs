namespace Iocp.Core.Engines.Linux;

/// <summary>
/// The owners of what the kernel reports on one worker, each at a small number that the kernel gives back: its place. For the worker's thread
/// alone. Grows by the chunk, so that a million owners cost eight bytes each and are never copied.
/// </summary>
internal sealed class PlaceTable<T> where T : class
{
    private const int ChunkBits = 10;
    private const int ChunkMask = (1 << ChunkBits) - 1;

    private readonly Stack<int> _free = new();
    private T?[][] _chunks = [];
    private int _used;

    /// <summary>Who is there; null: nobody any more.</summary>
    public T? this[int place] => _chunks[place >> ChunkBits][place & ChunkMask];

    /// <summary>The owner's place from now on.</summary>
    public int Add(T owner)
    {
        if (!_free.TryPop(out int place))
        {
            place = _used;
            if (place >> ChunkBits == _chunks.Length)
            {
                _chunks = [.. _chunks, new T?[ChunkMask + 1]];
            }

            _used++;        // not before: that may have thrown for want of memory
        }

        _chunks[place >> ChunkBits][place & ChunkMask] = owner;
        return place;
    }

    /// <summary>Frees the place for another owner.</summary>
    public void Remove(int place)
    {
        _chunks[place >> ChunkBits][place & ChunkMask] = null;
        try
        {
            _free.Push(place);
        }
        catch (OutOfMemoryException)
        {
            // Nobody gets the place any more, for the end of its owner must not fail. (Room for it from the beginning would be eight bytes for every connection.)
        }
    }
}
