using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The port and its workers: each takes batches of completions and calls their operations.</summary>
internal sealed unsafe class CompletionPort : IDisposable
{
    private const int BatchSize = 64;
    private const nuint CompletionKey = 0;
    private const nuint TurnKey = 1;
    private const nuint QuitKey = 2;

    private readonly CompletionPortHandle _port;
    private readonly Thread[] _workers;

    public CompletionPort(int workers)
    {
        _port = new CompletionPortHandle(Kernel32.CreateIoCompletionPort(-1, 0, 0, (uint)Environment.ProcessorCount));
        if (_port.IsInvalid)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _workers = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"iocp {i}" };
            _workers[i].Start();
        }
    }

    public void Associate(SafeSocketHandle socket)
    {
        if (Kernel32.Associate(socket, _port, CompletionKey, 0) == 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Cancels all that is outstanding on a socket; each operation still completes.</summary>
    public static void Cancel(SafeSocketHandle socket) => Kernel32.CancelIoEx(socket, null);

    /// <summary>Gives an operation that is not outstanding a turn on a worker.</summary>
    public void Post(Operation operation)
    {
        if (Kernel32.PostQueuedCompletionStatus(_port, 0, TurnKey, operation.Prepare()) == 0)
        {
            // No memory for a packet: the runtime's pool has its own.
            ThreadPool.UnsafeQueueUserWorkItem(static operation => operation.Run(), operation, preferLocal: false);
        }
    }

    /// <summary>Ends the workers, when nothing is outstanding; not from a worker.</summary>
    public void Dispose()
    {
        foreach (Thread _ in _workers)
        {
            PostQuit();
        }

        foreach (Thread worker in _workers)
        {
            worker.Join();
        }

        _port.Dispose();
    }

    private void PostQuit() => Kernel32.PostQueuedCompletionStatus(_port, 0, QuitKey, null);

    private void Work()
    {
        OverlappedEntry* entries = stackalloc OverlappedEntry[BatchSize];
        while (true)
        {
            uint count;
            if (Kernel32.GetQueuedCompletionStatusEx(_port, entries, BatchSize, &count, Kernel32.Infinite, 0) == 0)
            {
                continue;
            }

            int quits = 0;
            for (int i = 0; i < count; i++)
            {
                if (entries[i].Key == QuitKey)
                {
                    quits++;
                }
                else if (entries[i].Key == TurnKey)
                {
                    Operation.Of(entries[i].Overlapped).Run();
                }
                else
                {
                    Operation.Of(entries[i].Overlapped).Complete((int)entries[i].Bytes);
                }
            }

            if (quits > 0)
            {
                // One batch may hold several: the others are for the other workers.
                for (; quits > 1; quits--)
                {
                    PostQuit();
                }

                return;
            }
        }
    }
}
