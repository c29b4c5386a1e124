namespace Framing.Integration;

/// <summary>What the operating system says of this process.</summary>
internal static class ProcessResources
{
    /// <summary>Open descriptors; 0 where they cannot be counted.</summary>
    public static int Descriptors => OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;

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
