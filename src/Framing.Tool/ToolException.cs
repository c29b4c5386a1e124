namespace Framing.Tool;

/// <summary>What the command's exit code says.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;

    /// <summary><c>decode</c>: the input ends inside a frame.</summary>
    public const int Truncated = 2;

    /// <summary><c>decode</c>: the input breaks a rule of its framing.</summary>
    public const int Rejected = 3;

    // The two below are those of sysexits.h.
    public const int Usage = 64;
    public const int NoInput = 66;

    /// <summary>What the help of every command says of them.</summary>
    public const string UsageHelp = "64 the command line cannot be meant";

    /// <summary>And that of one that reads files.</summary>
    public const string FileHelp = $"{UsageHelp}, 66 a file cannot be read";
}

/// <summary>Ends the command with one line on stderr and an exit code; never with a stack trace.</summary>
internal class ToolException(string message, int exitCode = ExitCode.Failed, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>The command line says something that cannot be meant.</summary>
internal sealed class UsageException(string message) : ToolException(message, Tool.ExitCode.Usage);
