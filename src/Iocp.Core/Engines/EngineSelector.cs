using Iocp.Core.Engines.Epoll;
using Iocp.Core.Engines.Iocp;
using Iocp.Core.Engines.IoUring;
using Iocp.Core.Engines.Sockets;

namespace Iocp.Core.Engines;

/// <summary>Chooses the engine at start.</summary>
internal static class EngineSelector
{
    /// <summary>The kind that the options come to on this machine: on Linux io_uring, or epoll where that is not available; on Windows the completion port; elsewhere sockets.</summary>
    /// <param name="requested">What the options say.</param>
    /// <param name="whyNotIoUring">With <see cref="EngineKind.Auto"/> on Linux: why the choice was not io_uring.</param>
    /// <exception cref="PlatformNotSupportedException">An engine was forced that this machine or this version lacks.</exception>
    public static EngineKind Choose(EngineKind requested, out string? whyNotIoUring)
    {
        whyNotIoUring = null;
        bool linux = OperatingSystem.IsLinux() && Environment.Is64BitProcess;
        bool windows = OperatingSystem.IsWindows() && Environment.Is64BitProcess;
        switch (requested)
        {
            case EngineKind.Sockets:
            case EngineKind.Epoll when linux:
                return requested;
            case EngineKind.IoUring when linux:
                return IoUringProbe.WhyNot() is not { } reason
                    ? requested
                    : throw new PlatformNotSupportedException($"Engine is {requested}, which is not available here: {reason}; use Auto, Epoll or Sockets.");
            case EngineKind.Auto when linux:
                whyNotIoUring = IoUringProbe.WhyNot();
                return whyNotIoUring is null ? EngineKind.IoUring : EngineKind.Epoll;
            case EngineKind.Auto:
                return windows ? EngineKind.Iocp : EngineKind.Sockets;
            case EngineKind.Iocp when windows:
                return requested;
            case EngineKind.Epoll or EngineKind.IoUring:
                throw new PlatformNotSupportedException($"Engine is {requested}, which exists on 64-bit Linux only; use Auto or Sockets.");
            default:    // Iocp, for the options were validated
                throw new PlatformNotSupportedException($"Engine is {requested}, which exists on 64-bit Windows only; use Auto or Sockets.");
        }
    }

    public static IEngine Create(EngineKind kind, FrameHost host) => kind switch
    {
        EngineKind.Sockets => new SocketsEngine(host),
        EngineKind.Iocp => new IocpEngine(host),
        EngineKind.Epoll => new EpollEngine(host),
        EngineKind.IoUring => new IoUringEngine(host),
        _ => throw new PlatformNotSupportedException($"There is no engine {kind}."),
    };
}
