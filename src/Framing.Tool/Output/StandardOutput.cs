using Microsoft.Win32.SafeHandles;

namespace Framing.Tool.Output;

/// <summary>Where results go.</summary>
internal static class StandardOutput
{
    /// <summary>
    /// Standard output, whose writes fail when nobody reads them any more: on Unix the console's own stream says nothing of that, and who writes much would never end.
    /// A file is left to the console's: a FileStream would not move the place at which the next process goes on. So is a terminal, which another process may have made
    /// one that does not block.
    /// </summary>
    public static Stream Open()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!stream.CanSeek)
                return stream;
        }

        return Console.OpenStandardOutput();
    }

    /// <summary>The same for text.</summary>
    public static TextWriter OpenText() => new StreamWriter(Open(), Console.Out.Encoding) { AutoFlush = true };
}
