using System.Globalization;
using System.Net.Sockets;

namespace Iocp.Core.Engines;

/// <summary>
/// Keeps the last descriptors of the process free, on Linux. Without one the runtime cannot start a thread, and a thread that its pool cannot start
/// ends the process ("Out of memory"): a listener that accepted until accept fails would take down everybody it serves. The system gives the lowest free
/// number to a new descriptor, so a high one says that few are left.
/// </summary>
/// <param name="accepts">Accepts that may be outstanding: each may still take a descriptor after the reserve was reached.</param>
internal sealed class DescriptorReserve(int accepts)
{
    private const int Spare = 32;

    private readonly long _first = ReadLimit() is { } limit ? limit - Math.Min(limit / 4, Spare + accepts) : long.MaxValue;

    /// <summary>Whether a new socket has its descriptor from the reserve: do not make more of them.</summary>
    public bool IsTouchedBy(nint descriptor) => descriptor >= _first;

    /// <summary>Whether the next descriptor would come from the reserve.</summary>
    public bool IsTouched()
    {
        if (_first == long.MaxValue)
        {
            return false;
        }

        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            return IsTouchedBy(probe.Handle);
        }
        catch (Exception exception) when (exception is SocketException or OutOfMemoryException)
        {
            return true;        // not to be known, and no time to accept either
        }
    }

    /// <summary>RLIMIT_NOFILE of this process; null: none, or not known.</summary>
    public static long? ReadLimit()
    {
        const string name = "Max open files";
        try
        {
            string? line = OperatingSystem.IsLinux()
                ? File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
                : null;
            string? soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
