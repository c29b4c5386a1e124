using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Framing.Integration;

/// <summary>What the command said and how it ended.</summary>
internal sealed record ToolResult(int ExitCode, string[] Output, string[] Errors)
{
    public override string ToString()
        => string.Join(Environment.NewLine, [$"exit code {ExitCode}", .. Output.Select(line => "out: " + line), .. Errors.Select(line => "err: " + line)]);
}

/// <summary>The framing command, or a program that it is tried with, in a process of its own. Killed on dispose, if it is still there.</summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private static readonly string s_tool = Path.Combine(AppContext.BaseDirectory, "framing.dll");

    private readonly ConcurrentQueue<string> _output = [];
    private readonly ConcurrentQueue<string> _errors = [];
    private readonly Process _process;

    private ToolProcess(string file, IEnumerable<string> arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(file, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Its standard input, not buffered.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>The lines on stdout so far.</summary>
    public string[] Output => [.. _output];

    /// <summary>The lines on stderr so far.</summary>
    public string[] Errors => [.. _errors];

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static ToolProcess Start(params IEnumerable<string> arguments) => new(Dotnet, [s_tool, .. arguments]);

    /// <summary>Another program.</summary>
    public static ToolProcess StartProgram(string file, params IEnumerable<string> arguments) => new(file, arguments);

    /// <summary>In a shell's script, which calls it <c>"$@"</c>. Unix only.</summary>
    public static ToolProcess StartInScript(string script, params IEnumerable<string> arguments) => new("/bin/sh", ["-c", script, "sh", Dotnet, s_tool, .. arguments]);

    /// <summary>With a lower limit of open descriptors. Unix only.</summary>
    public static ToolProcess StartLimited(int descriptors, params IEnumerable<string> arguments)
        => StartInScript($"ulimit -n {descriptors.ToString(CultureInfo.InvariantCulture)}; exec \"$@\"", arguments);

    /// <summary>Runs the command to its end.</summary>
    public static Task<ToolResult> RunAsync(params IEnumerable<string> arguments) => RunAsync(ReadOnlyMemory<byte>.Empty, arguments);

    /// <summary>The same, with something on standard input.</summary>
    public static async Task<ToolResult> RunAsync(ReadOnlyMemory<byte> input, params IEnumerable<string> arguments)
    {
        await using ToolProcess process = Start(arguments);
        await process.WriteInputAsync(input);
        return await process.ExitAsync();
    }

    /// <summary>Waits until the command has ended by itself.</summary>
    public async Task<ToolResult> ExitAsync()
    {
        try
        {
            // Longer than a condition: a command may have 19,000 connections to make and to end, beside everything else that runs.
            await _process.WaitForExitAsync().WaitAsync(5 * Eventually.Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Still running: {string.Join(' ', _process.StartInfo.ArgumentList)}{Environment.NewLine}{new ToolResult(-1, Output, Errors)}");
        }

        return new ToolResult(_process.ExitCode, Output, Errors);
    }

    /// <summary>Waits for a line on stdout.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted, string what)
    {
        string? found = null;
        await Eventually.TrueAsync(() => (found = Output.LastOrDefault(wanted)) is not null || HasExited, what);
        return found ?? Output.LastOrDefault(wanted) ?? throw new InvalidOperationException($"The command ended before {what}: {await ExitAsync()}");
    }

    /// <summary>Sends a signal, by its name without SIG. Unix only.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {Id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync().Bounded();
        Assert.Equal(0, kill.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().Bounded();
        }

        _process.Dispose();
    }

    private async Task WriteInputAsync(ReadOnlyMemory<byte> input)
    {
        try
        {
            await Input.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code says why.
        }
    }

    private static void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
