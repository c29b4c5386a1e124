using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Iocp.Core.Engines.Linux;

/// <summary>
/// One thread that owns everything on it for life: its connections once started, its listeners and its connects are touched by no other thread. (A connection
/// that is never admitted is given up where it was made.) Others reach it by <see cref="Post"/>: a lock-free queue, and one wake-up for as many items as come while
/// it is awake.
/// </summary>
/// <remarks>
/// No wake-up is lost: the worker says that it sleeps and then looks at the queue; whoever adds to the queue looks afterwards whether
/// it sleeps. Both are separated by a full fence, so at least one of the two sees the other.
/// </remarks>
internal abstract class Worker : IDisposable
{
    private const int ItemsPerTurn = 1024;

    private readonly Thread _thread;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _logger;
    private readonly long _spin;        // in ticks of Stopwatch: the processor's time, which no fake clock stands for
    private readonly ConcurrentQueue<IWorkItem> _posted = new();    // by other threads
    private List<IWorkItem> _local = new(ItemsPerTurn);             // by this thread
    private List<IWorkItem> _running = new(ItemsPerTurn);
    private int _ran;       // of _running
    private int _threadId;
    private int _sleeping;
    private int _load;
    private volatile bool _stopping;

    protected Worker(string name, FrameHost host)
    {
        _logger = host.Logger;
        _spin = (long)(host.Options.SpinTime.TotalSeconds * Stopwatch.Frequency);
        _thread = new Thread(Work) { IsBackground = true, Name = name };
    }

    /// <summary>Excludes closing a descriptor of this worker's connections while another thread asks the kernel for its addresses.</summary>
    public Lock AddressLock { get; } = new();

    /// <summary>Connections dealt to this worker and not yet closed.</summary>
    public int Load => Volatile.Read(ref _load);

    /// <summary>Whether something waits that the worker posted itself, or has taken over and not come to: nobody wakes it for that.</summary>
    protected bool HasLocalWork => _local.Count > 0 || _running.Count > 0;

    public void AddLoad(int connections) => Interlocked.Add(ref _load, connections);

    /// <summary>Starts the thread; completes when it is ready for work, or with the reason why it cannot be.</summary>
    public Task StartAsync()
    {
        _thread.UnsafeStart();      // without the starter's execution context: it would be kept for as long as the server lives
        return _started.Task;
    }

    /// <summary>From any thread: the item is run soon. It must not wait already.</summary>
    public void Post(IWorkItem item)
    {
        if (Environment.CurrentManagedThreadId == _threadId)
        {
            _local.Add(item);
            return;
        }

        _posted.Enqueue(item);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeping) == 1 && Interlocked.Exchange(ref _sleeping, 0) == 1)
        {
            Wake();
        }
    }

    /// <summary>Ends the thread, once nothing is left on it; completes when it has ended.</summary>
    public Task StopAsync() => Task.Run(Stop);

    /// <summary>As <see cref="StopAsync"/>, but waits on this thread: the pool might have to start one, for which the process may have no descriptor left.</summary>
    public void Stop()
    {
        _stopping = true;
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            return;
        }

        if (Interlocked.Exchange(ref _sleeping, 0) == 1)
        {
            Wake();
        }

        _thread.Join();
    }

    /// <summary>One item's trouble is nobody else's: it is logged.</summary>
    public void OnWorkFailed(Exception exception) => Log.WorkFailed(_logger, exception, _thread.Name!);

    public abstract void Dispose();

    /// <summary>On the worker's thread, before anything else: makes what must be made there.</summary>
    protected virtual void Open()
    {
    }

    /// <summary>On the worker's thread, after everything else.</summary>
    protected virtual void Close()
    {
    }

    /// <summary>Hands what was asked for to the kernel, waits for something to complete if <paramref name="mayBlock"/>, and sees to all that has.</summary>
    /// <returns>Whether anything had.</returns>
    protected abstract bool Poll(bool mayBlock);

    /// <summary>Makes a blocked <see cref="Poll"/> return; called by other threads.</summary>
    protected abstract void Wake();

    private void Work()
    {
        _threadId = Environment.CurrentManagedThreadId;
        try
        {
            Open();
        }
        catch (Exception exception)
        {
            _started.SetException(exception);
            return;
        }

        _started.SetResult();
        try
        {
            while (true)
            {
                RunPosted();
                bool idle = !HasLocalWork;
                if (_stopping && idle)
                {
                    break;
                }

                if (idle && _spin > 0 && Spin())
                {
                    continue;
                }

                if (idle)
                {
                    // From here on whoever posts or stops wakes us.
                    Interlocked.Exchange(ref _sleeping, 1);
                    idle = _posted.IsEmpty && !_stopping;
                }

                Poll(mayBlock: idle);
                Volatile.Write(ref _sleeping, 0);
            }
        }
        catch (Exception exception)
        {
            // A bug of ours, or a kernel object that broke: without this thread its connections are lost, and nothing can be promised any more.
            Log.WorkerFailed(_logger, exception, _thread.Name!);
            throw;
        }
        finally
        {
            Close();
        }
    }

    // Whoever posts meanwhile need not wake us. True: there is something to do.
    private bool Spin()
    {
        long begin = Stopwatch.GetTimestamp();
        while (!Poll(mayBlock: false) && _posted.IsEmpty && !HasLocalWork && !_stopping)
        {
            if (Stopwatch.GetTimestamp() - begin >= _spin)
            {
                return false;
            }
        }

        return true;
    }

    // Some of what was there when the last of it had run, not what is added meanwhile: between two turns comes what the kernel has for us, also when
    // all connections are closed at once, or sent to.
    private void RunPosted()
    {
        if (_running.Count == 0)
        {
            // Ends: an item waits once, so there are no more than connections and listeners. Those for which there is no memory wait where they are.
            while (HasRoomForWork() && _posted.TryDequeue(out IWorkItem? posted))
            {
                _local.Add(posted);
            }

            (_running, _local) = (_local, _running);
        }

        for (int end = Math.Min(_running.Count, _ran + ItemsPerTurn); _ran < end;)
        {
            try
            {
                _running[_ran++].Run();
            }
            catch (Exception exception)
            {
                OnWorkFailed(exception);
            }
        }

        if (_ran == _running.Count)
        {
            _running.Clear();
            _ran = 0;
        }
    }

    // Always for some.
    private bool HasRoomForWork()
    {
        try
        {
            _local.EnsureCapacity(_local.Count + 1);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }
}
