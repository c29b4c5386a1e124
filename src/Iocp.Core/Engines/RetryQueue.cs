namespace Iocp.Core.Engines;

/// <summary>
/// Items that failed for want of memory, buffers or handles, and wait to be tried again: all of them after one pause, which doubles while trying
/// again brings no more than the same failure. Any thread.
/// </summary>
internal sealed class RetryQueue<T>
{
    private readonly TimeProvider _timeProvider;
    private readonly Action<IReadOnlyList<T>> _retry;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private List<T> _waiting = [];
    private int _capacity;
    private BackOff _backOff = new();
    private long _retriedAt;
    private bool _closed;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="timeProvider">Measures the pauses.</param>
    /// <param name="retry">Tries each again, on the timer's thread; an item that fails again is added again.</param>
    public RetryQueue(TimeProvider timeProvider, Action<IReadOnlyList<T>> retry)
    {
        _timeProvider = timeProvider;
        _retry = retry;
        _retriedAt = timeProvider.GetTimestamp();
        _timer = DetachedTimer.Create(timeProvider, static queue => ((RetryQueue<T>)queue!).Retry(), this);
    }

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>So many items may wait, and adding them needs no memory.</summary>
    /// <exception cref="OutOfMemoryException">There is none for that.</exception>
    public void EnsureCapacity(int capacity)
    {
        lock (_lock)
        {
            _waiting.EnsureCapacity(capacity);
            _capacity = Math.Max(_capacity, capacity);
        }
    }

    /// <summary>Adds an item; false after <see cref="Close"/>: it is still the caller's.</summary>
    /// <param name="item">What to try again.</param>
    /// <param name="pause">The pause that this item began; null: one was under way.</param>
    public bool TryAdd(T item, out TimeSpan? pause)
    {
        pause = null;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            // First the timer, which may throw: an item that waits without one would wait for ever, and so would all that come after it.
            if (_waiting.Count == 0)
            {
                if (_timeProvider.GetElapsedTime(_retriedAt) >= BackOff.Longest)
                {
                    _backOff.Reset();   // the shortage before was another one
                }

                pause = _backOff.Next();
                _timer.Change(pause.Value, Timeout.InfiniteTimeSpan);
            }

            _waiting.Add(item);
            return true;
        }
    }

    /// <summary>Something has worked: the next pause is the shortest.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _backOff.Reset();
        }
    }

    /// <summary>Takes no more, ends the pause, and gives back what waits.</summary>
    public IReadOnlyList<T> Close()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return [];
            }

            _closed = true;
            _timer.Dispose();
            return _waiting;
        }
    }

    private void Retry()
    {
        List<T> waiting;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            waiting = _waiting;
            try
            {
                _waiting = new List<T>(_capacity);
            }
            catch (OutOfMemoryException)
            {
                _timer.Change(BackOff.Longest, Timeout.InfiniteTimeSpan);
                return;
            }

            _retriedAt = _timeProvider.GetTimestamp();
        }

        _retry(waiting);
    }
}
