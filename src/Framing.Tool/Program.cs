using System.CommandLine;
using System.Net.Sockets;
using Framing.Tool;
using Framing.Tool.Decode;
using Framing.Tool.Dissect;
using Framing.Tool.Load;
using Framing.Tool.Parsing;
using Framing.Tool.Send;
using Framing.Tool.Serve;

var errors = Console.Error;     // opened while there is a descriptor for it

var root = new RootCommand("An echo server, a load generator and two looking glasses for length-framed and XML streams.")
{
    ServeCommand.Create(),
    LoadCommand.Create(),
    SendCommand.Create(),
    DecodeCommand.Create(),
    DissectorCommand.Create(),
};

// No response files: a text to send may well begin with '@'.
var command = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (command.Errors.Count > 0 && command.Action?.ClearsParseErrors != true)
    return Fail(UsageText.Error(command), ExitCode.Usage);

try
{
    // serve and load handle signals themselves: stopping gracefully takes the time it takes. The others end by them.
    return await command.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (UsageException e)
{
    return Fail($"{e.Message} (try framing {command.CommandResult.Command.Name} --help)", ExitCode.Usage);
}
catch (ToolException e)
{
    return Fail(e.Message, e.ExitCode);
}
catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or PlatformNotSupportedException or TimeoutException or OutOfMemoryException)
{
    return Fail(e is OutOfMemoryException ? "memory or descriptors ran out" : e.Message, ExitCode.Failed);
}

int Fail(string message, int exitCode)
{
    var oneLine = string.Join(' ', message.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
    errors.WriteLine($"framing: {oneLine}");
    return exitCode;
}
