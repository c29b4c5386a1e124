using Framing.Tool.Output;
using Framing.Tool.Parsing;
using Iocp.Core;
using Microsoft.Extensions.Logging;

namespace Framing.Tool.Serve;

/// <summary>Runs the server from its first line to its graceful stop.</summary>
internal static class EchoServer
{
    public static async Task<int> RunAsync(FrameServerOptions options, DeliveryKind delivery, StatisticsForm statistics, LogLevel logged)
    {
        using var signals = new StopSignals();
        using var logs = LoggerFactory.Create(builder => builder
            .SetMinimumLevel(logged)
            .AddSimpleConsole(static format => format.SingleLine = true)
            .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        options.LoggerFactory = logs;
        if (delivery == DeliveryKind.Inline)
            options.Handler = new InlineEcho();

        await using var server = CommandOptions.Accepted(() => new FrameServer(options));
        await server.StartAsync(CancellationToken.None);       // a signal meanwhile stops it below, as any other
        var output = StandardOutput.OpenText();
        foreach (var (endPoint, listener) in server.EndPoints.Zip(options.Listeners))
            output.WriteLine($"listening on {EndPointText.Format(endPoint)} ({listener.Framing.Name} framing, {EngineChoice.Name(server.Engine)} engine)");

        var echo = delivery == DeliveryKind.Pull ? PullEcho.RunAsync(server) : null;
        using var stopped = new CancellationTokenSource();
        var view = View(server, statistics, stopped.Token);
        // Until a signal, or until a part of it ends, which it does only by failing.
        await Task.WhenAny(new[] { signals.WaitForStopAsync(), server.Completion, echo, view }.OfType<Task>());
        // A second signal makes the stop abortive.
        await server.StopAsync(signals.StopNow);
        // With pull delivery: until the frames received before the stop were taken.
        if (echo is not null)
            await echo;
        // Its last reading is the final one.
        await stopped.CancelAsync();
        if (view is not null)
            await view;
        if (server.Completion.Exception?.InnerException is { } failure)
            throw new ToolException($"the engine failed: {failure.Message}", cause: failure);
        return ExitCode.Ok;
    }

    private static Task? View(FrameServer server, StatisticsForm statistics, CancellationToken stopped)
    {
        if (statistics == StatisticsForm.Json)
            return JsonStatistics.RunAsync(new StatisticsMeter(server), StandardOutput.Open(), stopped);
        return Console.IsOutputRedirected ? null : LiveView.RunAsync(new StatisticsMeter(server), stopped);
    }
}
