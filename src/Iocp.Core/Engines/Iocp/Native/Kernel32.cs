using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The completion port. All return 0 on failure and set the last error.</summary>
internal static unsafe partial class Kernel32
{
    private const string Library = "kernel32";

    public const byte SkipCompletionPortOnSuccess = 1;
    public const byte SkipSetEventOnHandle = 2;
    public const int WaitTimeout = 258;

    /// <summary>Makes a port (file -1, port 0), of which at most <paramref name="threads"/> workers run at once.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint CreateIoCompletionPort(nint file, nint port, nuint key, uint threads);

    /// <summary>Associates a socket with a port, for the life of the socket.</summary>
    [LibraryImport(Library, EntryPoint = "CreateIoCompletionPort", SetLastError = true)]
    public static partial nint Associate(SafeHandle file, CompletionPortHandle port, nuint key, uint threads);

    /// <summary>Takes a batch of completions; blocks until there is one, or fails with WAIT_TIMEOUT.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int GetQueuedCompletionStatusEx(CompletionPortHandle port, OverlappedEntry* entries, uint count, uint* removed, uint milliseconds, int alertable);

    /// <summary>Queues a packet of our own; nothing of it is dereferenced by the system.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int PostQueuedCompletionStatus(CompletionPortHandle port, uint bytes, nuint key, Overlapped* overlapped);

    /// <summary>Cancels one operation, or with null all of the handle; each still completes. The result says nothing reliable.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int CancelIoEx(SafeHandle file, Overlapped* overlapped);

    /// <summary>
    /// An operation that succeeds at once posts no packet, and sets no event that nobody waits for. For sockets whose provider gives handles of the file
    /// system only, see <see cref="Ws2_32.HasFileHandle"/>: with another provider no packet would come for any operation.
    /// </summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int SetFileCompletionNotificationModes(SafeHandle file, byte flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int CloseHandle(nint handle);
}
