using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// The port and its workers: each takes batches of completions and calls their operations. A call on the port that fails for want of memory is made
/// again after a pause. One that fails otherwise means that the port is lost, and with it the completions of all that is outstanding: that is
/// logged, the host closes its connections and stops, and the last worker brings every operation to its end, so that the stop is a stop like any other.
/// </summary>
internal sealed unsafe class CompletionPort : IDisposable
{
    private const int BatchSize = 64;
    private const nuint CompletionKey = 0;
    private const nuint AcceptKey = 1;
    private const nuint TurnKey = 2;
    private const nuint WakeKey = 3;

    // A worker looks this often, in milliseconds, whether it is to end, since the packet that wakes it for that could not be posted without memory.
    private const uint WaitLimit = 1000;

    // How often, in milliseconds, the last worker looks what can be brought to its end after the port has failed.
    private const int SalvageInterval = 10;

    private readonly FrameHost _host;
    private readonly CompletionPortHandle _port;
    private readonly Thread[] _workers;
    private int _running;
    private int _failed;
    private volatile bool _stopping;

    public CompletionPort(FrameHost host)
    {
        _host = host;
        _port = new CompletionPortHandle(Kernel32.CreateIoCompletionPort(-1, 0, 0, (uint)Environment.ProcessorCount));
        if (_port.IsInvalid)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        Shortages = new ShortageQueue<Operation>(host.Logger, Post);
        _workers = new Thread[host.Options.Workers ?? Environment.ProcessorCount];
        _running = _workers.Length;
        try
        {
            for (int i = 0; i < _workers.Length; i++)
            {
                _workers[i] = new Thread(Work) { IsBackground = true, Name = $"iocp {i}" };
                _workers[i].UnsafeStart();      // without the maker's execution context: it would be kept for as long as the server lives
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Every operation whose completion comes here (the values mean nothing): how those come to their end that wait for a port which has failed. Changed when a block is made or freed, not for each operation.</summary>
    public ConcurrentDictionary<Operation, bool> Operations { get; } = new();

    /// <summary>Operations that are not outstanding for want of memory or buffers.</summary>
    public ShortageQueue<Operation> Shortages { get; }

    private bool HasFailed => Volatile.Read(ref _failed) != 0;

    /// <summary>Has the completions of a socket come here; of one that listens all operations are <see cref="AcceptOperation"/>s.</summary>
    public void Associate(SafeSocketHandle socket, bool listens = false)
    {
        if (Kernel32.Associate(socket, _port, listens ? AcceptKey : CompletionKey, 0) == 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Lets an operation on an associated socket that succeeds at once post no packet; false where that cannot be had: then it posts one.</summary>
    public static bool SkipOnSuccess(SafeSocketHandle socket) => Ws2_32.HasFileHandle(socket)
        && Kernel32.SetFileCompletionNotificationModes(socket, Kernel32.SkipCompletionPortOnSuccess | Kernel32.SkipSetEventOnHandle) != 0;

    /// <summary>Cancels all that is outstanding on a socket; each operation still completes.</summary>
    public static void Cancel(SafeSocketHandle socket) => Kernel32.CancelIoEx(socket, null);

    /// <summary>Gives an operation that is not outstanding a turn on a worker.</summary>
    public void Post(Operation operation)
    {
        if (Kernel32.PostQueuedCompletionStatus(_port, 0, TurnKey, operation.BeginTurn()) != 0)
        {
            return;
        }

        int error = Marshal.GetLastPInvokeError();
        if (!SocketFailures.IsShortage((SocketError)error))
        {
            Fail(nameof(Kernel32.PostQueuedCompletionStatus), error);
        }
        else if (operation.TryEndTurn())
        {
            Shortages.Add(operation, (SocketError)error);
        }
    }

    /// <summary>Ends the workers, when nothing is outstanding; not from a worker.</summary>
    public void Dispose()
    {
        _stopping = true;
        Wake();
        foreach (Thread? worker in _workers)
        {
            if (worker is not null && !worker.ThreadState.HasFlag(ThreadState.Unstarted))
            {
                worker.Join();
            }
        }

        Shortages.Close();
        _port.Dispose();
    }

    // One worker, which wakes the next as it ends. If it cannot be done: the wait has a limit.
    private void Wake() => Kernel32.PostQueuedCompletionStatus(_port, 0, WakeKey, null);

    private void Work()
    {
        TakeCompletions();
        bool last = Interlocked.Decrement(ref _running) == 0;
        Wake();
        while (last && !_stopping)
        {
            foreach (Operation operation in Operations.Keys)      // a snapshot
            {
                Run(operation, static (operation, _) => operation.Salvage());
            }

            Thread.Sleep(SalvageInterval);
        }
    }

    private void TakeCompletions()
    {
        OverlappedEntry* entries = stackalloc OverlappedEntry[BatchSize];
        var backOff = new BackOff();
        while (!_stopping && !HasFailed)
        {
            uint count;
            if (Kernel32.GetQueuedCompletionStatusEx(_port, entries, BatchSize, &count, WaitLimit, 0) != 0)
            {
                backOff.Reset();
                Dispatch(new ReadOnlySpan<OverlappedEntry>(entries, (int)count));
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (SocketFailures.IsShortage((SocketError)error))
            {
                Thread.Sleep(backOff.Next());
            }
            else if (error != Kernel32.WaitTimeout)
            {
                Fail(nameof(Kernel32.GetQueuedCompletionStatusEx), error);
            }
        }
    }

    private void Dispatch(ReadOnlySpan<OverlappedEntry> entries)
    {
        // First, so that a listener sees how many of its accepts this batch has taken.
        foreach (ref readonly OverlappedEntry entry in entries)
        {
            if (entry.Key == AcceptKey)
            {
                ((AcceptOperation)Operation.Of(entry.Overlapped)).Listener.OnAcceptDequeued();
            }
        }

        foreach (ref readonly OverlappedEntry entry in entries)
        {
            if (entry.Key == WakeKey)
            {
                continue;
            }

            Operation operation = Operation.Of(entry.Overlapped);
            operation.End();
            if (entry.Key == TurnKey)
            {
                Run(operation, static (operation, _) => operation.Run());
            }
            else
            {
                Run(operation, static (operation, bytes) => operation.Complete(bytes), (int)entry.Bytes);
            }
        }
    }

    // One operation's trouble is nobody else's.
    private void Run(Operation operation, Action<Operation, int> action, int bytes = 0)
    {
        try
        {
            action(operation, bytes);
        }
        catch (Exception exception)
        {
            Log.WorkFailed(_host.Logger, exception, Thread.CurrentThread.Name!);
        }
    }

    private void Fail(string call, int error)
    {
        if (Interlocked.Exchange(ref _failed, 1) == 0)
        {
            var reason = new Win32Exception(error, $"{call} failed with {error}: {Marshal.GetPInvokeErrorMessage(error)}");
            Log.PortFailed(_host.Logger, reason);
            Wake();
            ThreadPool.UnsafeQueueUserWorkItem(_ => _host.Fail(reason), null);      // not here: it closes everybody
        }
    }
}
