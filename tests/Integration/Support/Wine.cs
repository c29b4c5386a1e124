using System.Runtime.InteropServices;
using Iocp.Core;

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
    /// That a connection which its peer has reset was closed for that. A reset that comes between two receives is lost in Wine's server, and the
    /// next receive reads to a clean end; on Windows that receive fails with ConnectionReset.
    /// </summary>
    public static void AssertReset(CloseReason reason) => Assert.Contains(
        reason, IsHere ? [CloseReason.RemoteReset, CloseReason.RemoteClosed, CloseReason.TruncatedFrame] : new[] { CloseReason.RemoteReset });
}
