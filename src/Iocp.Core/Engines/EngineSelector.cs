using Iocp.Core.Engines.Epoll;
using Iocp.Core.Engines.Sockets;

namespace Iocp.Core.Engines;

/// <summary>Chooses the engine at start.</summary>
internal static class EngineSelector
{
    /// <summary>The kind that the options come to on this machine.</summary>
    /// <exception cref="PlatformNotSupportedException">An engine was forced that this machine or this version lacks.</exception>
    public static EngineKind Choose(EngineKind requested) => requested switch
    {
        EngineKind.Auto or EngineKind.Sockets => EngineKind.Sockets,

        EngineKind.Epoll or EngineKind.IoUring when !OperatingSystem.IsLinux()
            => throw new PlatformNotSupportedException($"Engine is {requested}, which exists on Linux only; use Auto or Sockets."),
        EngineKind.Epoll or EngineKind.IoUring when !Environment.Is64BitProcess
            => throw new PlatformNotSupportedException($"Engine is {requested}, which needs a 64-bit process; use Auto or Sockets."),
        EngineKind.Epoll => EngineKind.Epoll,
        EngineKind.Iocp when !OperatingSystem.IsWindows()
            => throw new PlatformNotSupportedException($"Engine is {requested}, which exists on Windows only; use Auto or Sockets."),
        EngineKind.IoUring or EngineKind.Iocp
            => throw new PlatformNotSupportedException($"Engine is {requested}, which this version does not have; use Auto or Sockets."),
        _ => throw new ArgumentOutOfRangeException(nameof(requested), requested, $"Engine is {requested}; the engines are {string.Join(", ", Enum.GetNames<EngineKind>())}."),
    };

    public static IEngine Create(EngineKind kind, IEngineHost host) => kind switch
    {
        EngineKind.Sockets => new SocketsEngine(host),
        EngineKind.Epoll => new EpollEngine(host),
        _ => throw new PlatformNotSupportedException($"There is no engine {kind}."),
    };
}
