using System.Runtime.InteropServices;
using Iocp.Core;
using Iocp.Core.Engines.Iocp;

namespace Framing.Integration;

/// <summary>Where the suite runs on Wine, and what that does otherwise than Windows.</summary>
internal static class Wine
{
    public static bool IsHere { get; } = OperatingSystem.IsWindows()
        && NativeLibrary.TryLoad("ntdll.dll", out nint library) && NativeLibrary.TryGetExport(library, "wine_get_version", out _);

    /// <summary>For tests in which a peer that does not read is reset.</summary>
    public static void SkipResets() => Assert.SkipWhen(
        IsHere, "Wine ends a connection that is reset behind unsent data as if it were closed: the peer reads to a clean end. On Windows its read fails with ConnectionReset.");

    /// <summary>
    /// Before a reset. One that comes between two receives is lost in Wine's server, and the next receive reads to a clean end; on Windows that receive
    /// fails with ConnectionReset. So it is not sent before the completion port's receive is outstanding; the portable engine's cannot be seen.
    /// </summary>
    public static async Task ReceiveIsOutstandingAsync(Connection connection)
    {
        if (connection.Host.ActiveEngine is IocpEngine engine)
        {
            await Eventually.TrueAsync(
                () => engine.Port.Operations.Keys.OfType<ReceiveOperation>().Any(
                    receive => receive.Connection is { } reading && reading == connection && receive.IsOutstanding && receive.Rented is null && !reading.Gate.IsBusy),
                "the zero-byte receive is outstanding");
        }
    }

    /// <summary>For tests in which a connection is closed while its peer takes nothing.</summary>
    public static void SkipCloseBehindSend(EngineKind engine) => Assert.SkipWhen(
        IsHere && engine == EngineKind.Sockets,
        "Under Wine a socket that is closed behind an outstanding send completes it only when the peer closes; Windows at once. The completion port's engine cancels it first.");

    /// <summary>For tests that need the reset itself, not only the end: see <see cref="ReceiveIsOutstandingAsync"/>.</summary>
    public static void SkipLostReset(EngineKind engine) => Assert.SkipWhen(
        IsHere && engine == EngineKind.Sockets,
        "Wine loses a reset that comes between two receives, and the portable engine's receive cannot be seen. On Windows the next receive fails with ConnectionReset.");

    /// <summary>That a connection which its peer has reset was closed for that; on Wine the portable engine cannot always know: see <see cref="ReceiveIsOutstandingAsync"/>.</summary>
    public static void AssertReset(Connection connection) => Assert.Contains(
        connection.CloseReason,
        IsHere && connection.Host.ActiveEngine is Iocp.Core.Engines.Sockets.SocketsEngine
            ? [CloseReason.RemoteReset, CloseReason.RemoteClosed, CloseReason.TruncatedFrame]
            : new[] { CloseReason.RemoteReset });
}
