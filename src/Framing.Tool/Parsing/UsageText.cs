using System.CommandLine;

namespace Framing.Tool.Parsing;

/// <summary>Command lines that cannot be understood.</summary>
internal static class UsageText
{
    /// <summary>What is wrong with a command line, in one line.</summary>
    public static string Error(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command is not RootCommand)
            return $"{parsed.Errors[0].Message.TrimEnd('.')} (try framing {command.Name} --help)";
        var names = string.Join(", ", command.Subcommands.Select(static subcommand => subcommand.Name));
        return parsed.UnmatchedTokens is [var unknown, ..]
            ? $"'{unknown}' is none of the commands {names} (try framing --help)"
            : $"a command is missing: one of {names} (try framing --help)";
    }
}
