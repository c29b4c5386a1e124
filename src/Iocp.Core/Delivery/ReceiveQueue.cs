using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Iocp.Core;

/// <summary>What a <see cref="ReceiveQueue"/> tells its owner, on whatever thread made it happen; must not block.</summary>
internal interface IReceiveQueueOwner
{
    /// <summary>The frame of this connection that waited in line got its place in the queue. Must not throw: others are told behind it.</summary>
    void Admitted(Connection? connection);

    /// <summary>A lease left the queue. False: the application will not get it, and the owner has released it.</summary>
    bool Taken(FrameLease lease);
}

/// <summary>
/// The pull queue: first in, first out, bounded in frames and in bytes, lock-free while there is room. A frame that finds no room waits in
/// line; the owner sees to it that a connection adds no other until that one was admitted, so the line holds at most one frame a connection.
/// The line is served in order, before any newer frame. A frame longer than the bound in bytes is admitted when the queue is empty.
/// </summary>
/// <remarks>
/// A queue that had no room for the first in line is full until a quarter of it is free; then the line is served while there is room. Served whenever a
/// place is free, each frame would cost its connection a pause and a resume for as long as consumers are slower than senders. When nobody is about to serve
/// the line, it is empty or the queue is full; and a full queue is not empty, so that somebody comes who takes from it.
/// </remarks>
internal sealed class ReceiveQueue(int maxFrames, long maxBytes, IReceiveQueueOwner owner) : IDisposable
{
    private readonly int _lowFrames = maxFrames - Math.Max(1, maxFrames / 4);
    private readonly long _lowBytes = maxBytes - Math.Max(1, maxBytes / 4);
    private readonly BoundedQueue<FrameLease> _ring = new(maxFrames);
    private readonly ReceiveWaiters _waiters = new();
    private readonly Lock _lineLock = new();
    private LinkedFifo<FrameLease> _line;
    private bool _full;     // as the line, read and written under the lock
    private int _inLine;
    private int _frames;
    private long _bytes;
    private bool _wasAsked;
    private volatile bool _completed;
    private volatile bool _disposed;

    /// <summary>Frames in the queue, those in line not counted. (For an instant a frame that finds no room is counted.)</summary>
    public int Frames => Math.Min(Volatile.Read(ref _frames), maxFrames);

    public long Bytes => Volatile.Read(ref _bytes);

    public int InLine => Volatile.Read(ref _inLine);

    /// <summary>Whether anybody has ever wanted to take a frame.</summary>
    public bool WasAsked => Volatile.Read(ref _wasAsked);

    /// <summary>Adds a lease if there is room and nobody waits in line. <see cref="Signal"/> must follow, once for any number of leases.</summary>
    public bool TryEnqueue(FrameLease lease) => InLine == 0 && TryAdmit(lease);

    /// <summary>Joins the line; <see cref="IReceiveQueueOwner.Admitted"/> may be called before this returns.</summary>
    public void WaitInLine(FrameLease lease)
    {
        lock (_lineLock)
        {
            _line.Add(lease);
            Interlocked.Increment(ref _inLine);
        }

        // Room that came before we were in line was announced to nobody.
        if (ServeLine())
        {
            Signal();
        }
    }

    public bool TryTake([NotNullWhen(true)] out FrameLease? lease)
    {
        if (!_wasAsked)
        {
            _wasAsked = true;       // read first: consumers on several processors share it
        }

        bool taken = TryTake(out lease, out bool admitted);
        // While the last frame was on its way out, a consumer may have found the queue complete but not empty.
        if (admitted || _completed)
        {
            Signal();
        }

        return taken;
    }

    /// <summary>As <see cref="TryTake(out FrameLease?)"/>, but leaves it to the caller to signal when frames moved up.</summary>
    public bool TryTake([NotNullWhen(true)] out FrameLease? lease, out bool admitted)
    {
        admitted = false;
        while (_ring.TryDequeue(out lease))
        {
            Interlocked.Add(ref _bytes, -lease.Length);
            int frames = Interlocked.Decrement(ref _frames);
            // A full queue that has not sunk is left without the lock. Whoever serves the line may have counted one that finds no room, and will not look again: hence one more.
            if (InLine > 0 && frames <= _lowFrames + 1)
            {
                admitted |= ServeLine();
            }

            if (owner.Taken(lease))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes the oldest lease, waiting for one; null: the queue is complete and empty.</summary>
    /// <exception cref="ObjectDisposedException">Disposed before or while waiting.</exception>
    public ValueTask<FrameLease?> TakeAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FrameLease?>(cancellationToken);
        }

        ObjectDisposedException.ThrowIf(_disposed, typeof(FrameHost));
        return TryTake(out FrameLease? lease)
            ? ValueTask.FromResult<FrameLease?>(lease)
            : _waiters.Wait(this, cancellationToken);
    }

    /// <summary>Hands frames to waiting consumers; called after frames were added.</summary>
    public void Signal() => _waiters.Signal(this);

    /// <summary>Nothing will be added any more: consumers get what is left, and then null.</summary>
    public void Complete()
    {
        _completed = true;
        Signal();
    }

    /// <summary>Drops everything; consumers get an <see cref="ObjectDisposedException"/>, unless all was taken before: then they are at the end, however late they come.</summary>
    public void Dispose()
    {
        _disposed = !IsOver(out _);
        _completed = true;
        Signal();
        for (SpinWait spin = default; ; spin.SpinOnce())
        {
            while (TryTake(out FrameLease? lease))
            {
                lease.Release();
            }

            if (IsEmpty)
            {
                return;
            }

            // A consumer has made room, and is about to move up a frame that stands in line: soon over.
        }
    }

    /// <summary>For the waiters: whether waiting makes no sense any more, and why.</summary>
    public bool IsOver(out bool disposed)
    {
        disposed = _disposed;
        return _completed && (disposed || IsEmpty);
    }

    // In this order: a frame is counted in the queue before it is no more counted in line.
    private bool IsEmpty => InLine == 0 && Frames == 0;

    // Asked under the lock. A frame that is counted just then and finds no room joins the line, and whoever joins asks again.
    private bool HasSunk => Frames <= _lowFrames && Bytes <= _lowBytes;

    private bool TryAdmit(FrameLease lease)
    {
        if (Interlocked.Increment(ref _frames) <= maxFrames)
        {
            long bytes = Interlocked.Add(ref _bytes, lease.Length);
            if (bytes <= maxBytes || bytes == lease.Length)
            {
                // A place was reserved above, but that does not say that the tail's slot is vacant: one consumer may still be about to vacate it, while another,
                // which took a later frame, has given back the place that we got. The first needs nobody to go on, so this is soon over.
                SpinWait spin = default;
                while (!_ring.TryEnqueue(lease))
                {
                    spin.SpinOnce();
                }

                return true;
            }

            Interlocked.Add(ref _bytes, -lease.Length);
        }

        Interlocked.Decrement(ref _frames);
        return false;
    }

    // Admits those in line while there is room, unless the queue is full and has not sunk; whoever calls it signals afterwards if it says so. Who joins late, when
    // the line has just been served, finds a queue that is not full: to wait there for it to sink would hold up all who come behind.
    private bool ServeLine()
    {
        Admitted admitted = default;
        bool served = false;
        int count;
        do
        {
            count = 0;
            lock (_lineLock)
            {
                while (count < Admitted.Capacity && (!_full || HasSunk) && _line.RemoveFirst() is { } lease)
                {
                    // Once admitted the lease belongs to whoever takes it: nothing of it may be read afterwards.
                    admitted[count] = lease.Connection;
                    _full = !TryAdmit(lease);
                    if (_full)
                    {
                        _line.PutBack(lease);
                        break;
                    }

                    count++;
                    Interlocked.Decrement(ref _inLine);
                }
            }

            // Not before: as a rule nobody is in line any more, and those who are told need not join it with their next frames.
            foreach (Connection? connection in admitted[..count])
            {
                owner.Admitted(connection);
            }

            served |= count > 0;
        }
        while (count == Admitted.Capacity);

        return served;
    }

    /// <summary>The connections of frames that got their places together.</summary>
    [InlineArray(Capacity)]
    private struct Admitted
    {
        public const int Capacity = 32;

        private Connection? _first;
    }
}
