namespace Iocp.Core;

/// <summary>What completes reads and writes.</summary>
public enum EngineKind
{
    /// <summary>The best engine that this machine has.</summary>
    Auto,

    /// <summary>SocketAsyncEventArgs on the runtime's thread pool: works everywhere.</summary>
    Sockets,

    /// <summary>Linux epoll by raw system calls.</summary>
    Epoll,

    /// <summary>Linux io_uring by raw system calls.</summary>
    IoUring,

    /// <summary>Windows I/O completion port by P/Invoke.</summary>
    Iocp,
}
