namespace Framing.Integration;

/// <summary>Wireshark without its window: what it makes of a capture with a script of ours.</summary>
internal static class Tshark
{
    private static readonly string? s_file = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "tshark.exe" : "tshark"))
        .FirstOrDefault(File.Exists);

    /// <summary>The packets that a filter selects, one line each: the values of some fields, those of one field with commas between, fields with bars.</summary>
    public static async Task<string[]> FieldsAsync(string script, Capture capture, string filter, params string[] fields)
    {
        // Where it is easily installed its absence is a failure, so that no suite passes without it unnoticed.
        Assert.SkipWhen(s_file is null && !OperatingSystem.IsLinux(), "tshark is not on the PATH: install Wireshark to run this test.");
        Assert.True(s_file is not null, "tshark is not on the PATH: install it (Debian: apt-get install tshark).");

        using TemporaryFile lua = new(script);
        using TemporaryFile pcap = new(capture.Content);
        await using ToolProcess process = ToolProcess.StartProgram(
            s_file!,
            ["-r", pcap.Path, "-X", $"lua_script:{lua.Path}", "-Y", filter, "-T", "fields", "-E", "separator=|", .. fields.SelectMany(field => new[] { "-e", field })]);
        ToolResult result = await process.ExitAsync();
        Assert.True(result.ExitCode == 0 && !result.Errors.Any(line => line.Contains("Lua", StringComparison.OrdinalIgnoreCase)), $"{result}");
        return result.Output;
    }
}
