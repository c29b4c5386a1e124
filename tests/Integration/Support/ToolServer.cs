using System.Net;
using System.Text.Json;
using Iocp.Core;

namespace Framing.Integration;

/// <summary><c>framing serve --stats json</c> in a process of its own, on a free loopback port.</summary>
internal sealed class ToolServer : IAsyncDisposable
{
    private const string Listening = "listening on ";

    private ToolServer(ToolProcess process, string address)
    {
        Process = process;
        Address = address;
        EndPoint = IPEndPoint.Parse(address);
    }

    public ToolProcess Process { get; }

    /// <summary>As the command writes and reads it.</summary>
    public string Address { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>Lowers the limit of open descriptors of the server, unless null.</summary>
    public static async Task<ToolServer> StartAsync(TestedEngine engine, int? descriptors, params IEnumerable<string> arguments)
    {
        string[] all = ["serve", .. engine.Arguments, "--listen", "127.0.0.1:0", "--stats", "json", .. arguments];
        ToolProcess process = descriptors is { } limit ? ToolProcess.StartLimited(limit, all) : ToolProcess.Start(all);
        try
        {
            string line = await process.LineAsync(line => line.StartsWith(Listening, StringComparison.Ordinal), "the server listens");
            return new ToolServer(process, line[Listening.Length..].Split(' ')[0]);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public static Task<ToolServer> StartAsync(TestedEngine engine, params IEnumerable<string> arguments) => StartAsync(engine, null, arguments);

    /// <summary>The engine's name on the command line.</summary>
    public static string Name(EngineKind engine) => engine.ToString().ToLowerInvariant();

    /// <summary>Runs a load against it, to its end.</summary>
    public Task<ToolResult> LoadAsync(EngineKind engine, params IEnumerable<string> arguments)
        => ToolProcess.RunAsync(["load", "--connect", Address, "--engine", Name(engine), "--json", .. arguments]);

    public Task<PlainClient> ConnectAsync() => PlainClient.ConnectAsync(EndPoint);

    /// <summary>Waits for a line of statistics.</summary>
    public async Task<ToolStatistics> StatisticsAsync(Func<ToolStatistics, bool> wanted, string what)
        => ToolStatistics.TryParse(await Process.LineAsync(line => ToolStatistics.TryParse(line) is { } statistics && wanted(statistics), what))!;

    /// <summary>Waits until the server says that everybody who ever came has gone.</summary>
    public Task<ToolStatistics> AllGoneAsync(long accepted)
        => StatisticsAsync(statistics => statistics.Connections == 0 && statistics.Accepted == accepted, $"all {accepted} connections are closed");

    /// <summary>Stops it as a user would.</summary>
    public async Task<ToolResult> StopAsync()
    {
        await Process.SignalAsync("TERM");
        return await Process.ExitAsync();
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}

/// <summary>One line of <c>--stats json</c>.</summary>
internal sealed record ToolStatistics(long Connections, long Accepted, long FramesReceived, IReadOnlyDictionary<string, long> Closed)
{
    public static ToolStatistics? TryParse(string line)
    {
        if (!line.StartsWith('{'))
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        return new ToolStatistics(
            root.GetProperty("connections").GetInt64(),
            root.GetProperty("accepted").GetInt64(),
            root.GetProperty("framesReceived").GetInt64(),
            root.GetProperty("closed").EnumerateObject().ToDictionary(closed => closed.Name, closed => closed.Value.GetInt64()));
    }
}
