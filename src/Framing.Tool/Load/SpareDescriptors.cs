using System.Globalization;
using System.Net.Sockets;

namespace Framing.Tool.Load;

/// <summary>
/// Keeps the last descriptors of the process free, on Linux, as the library's engines do: without one the runtime cannot start a thread, and ends the process.
/// The system gives the lowest free number to a new descriptor, so a high one says that few are left.
/// </summary>
internal static class SpareDescriptors
{
    private const int Spare = 32;

    private static readonly long First = ReadLimit() is { } limit ? limit - Math.Min(limit / 4, Spare) : long.MaxValue;

    /// <summary>Call before a socket is made.</summary>
    /// <exception cref="SocketException">No more are to be made.</exception>
    public static void Require()
    {
        if (First == long.MaxValue)
            return;
        // Not the socket that connects: one whose handle was shown does not connect to names.
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (probe.Handle >= First)
            throw new SocketException((int)SocketError.TooManyOpenSockets);
    }

    private static long? ReadLimit()
    {
        const string file = "/proc/self/limits";
        const string name = "Max open files";
        var line = (File.Exists(file) ? File.ReadLines(file) : []).FirstOrDefault(static line => line.StartsWith(name, StringComparison.Ordinal));
        var soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
