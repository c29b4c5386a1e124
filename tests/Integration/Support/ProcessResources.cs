using System.Diagnostics;

namespace Framing.Integration;

/// <summary>What the operating system says of this process.</summary>
internal static class ProcessResources
{
    /// <summary>See <see cref="ProcessStatus.Descriptors"/>; 0 where they cannot be counted.</summary>
    public static int Descriptors => OperatingSystem.IsLinux() ? ProcessStatus.Descriptors(Environment.ProcessId) : 0;

    /// <summary>Every handle of this process, those of the runtime included; on Windows.</summary>
    public static int Handles
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.HandleCount;     // GetProcessHandleCount is always 0 under Wine
        }
    }

    /// <summary>Names of the threads that are not the runtime's own; empty where they cannot be asked for.</summary>
    public static IEnumerable<string> Threads()
    {
        if (!OperatingSystem.IsLinux())
        {
            yield break;
        }

        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            string name;
            try
            {
                name = File.ReadAllText(Path.Combine(task, "comm")).Trim();
            }
            catch (IOException)
            {
                continue;   // ended meanwhile
            }

            if (!name.StartsWith(".NET", StringComparison.Ordinal))
            {
                yield return name;
            }
        }
    }
}
