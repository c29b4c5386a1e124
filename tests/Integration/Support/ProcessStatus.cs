using System.Globalization;

namespace Framing.Integration;

/// <summary>What Linux says about a process.</summary>
internal static class ProcessStatus
{
    // The unit of times in /proc, by the kernel's user interface; not that of its timer.
    private const int TicksPerSecond = 100;

    /// <summary>Open sockets, rings and the like. Not files: the runtime keeps an assembly open that it loads when something happens for the first time.</summary>
    public static int Descriptors(int process)
        => Directory.GetFileSystemEntries($"/proc/{process}/fd").Count(entry => new FileInfo(entry).LinkTarget is { } target && !target.StartsWith('/'));

    public static long ResidentBytes(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Time on a processor so far, in user and kernel mode.</summary>
    public static TimeSpan ProcessorTime(int process)
    {
        // The name, in parentheses, may hold spaces; utime and stime are the 12th and 13th fields after it.
        string text = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }
}
