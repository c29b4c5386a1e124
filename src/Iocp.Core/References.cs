namespace Iocp.Core;

/// <summary>Counts what still needs an object: from 1, and once it has come to 0 for good. A mutable struct: keep it in a field that is not readonly.</summary>
internal struct References()
{
    private int _count = 1;

    /// <summary>False: nothing needed it any more, so it is gone.</summary>
    public bool TryAdd()
    {
        int count = Volatile.Read(ref _count);
        while (count > 0)
        {
            int seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }

    /// <summary>True: that was the last.</summary>
    public bool Remove() => Interlocked.Decrement(ref _count) == 0;
}
