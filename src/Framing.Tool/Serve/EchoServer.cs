using Framing.Tool.Output;
using Framing.Tool.Parsing;
using Iocp.Core;
using Microsoft.Extensions.Logging;

namespace Framing.Tool.Serve;

/// <summary>Runs the server from its first line to its graceful stop.</summary>
internal static class EchoServer
{
    public static async Task<int> RunAsync(FrameServerOptions options, FramingKind framing, DeliveryKind delivery, StatisticsForm statistics)
    {
        using var signals = new StopSignals();
        using var logs = LoggerFactory.Create(static builder => builder
            .SetMinimumLevel(LogLevel.Warning)
            .AddSimpleConsole(static format => format.SingleLine = true)
            .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        options.LoggerFactory = logs;
        if (delivery == DeliveryKind.Inline)
            options.Handler = new InlineEcho();

        await using var server = Create(options);
        await server.StartAsync(signals.Stop);
        foreach (var endPoint in server.EndPoints)
            Console.Out.WriteLine($"listening on {EndPointText.Format(endPoint)} ({FramingChoice.Name(framing)} framing, {EngineChoice.Name(server.Engine)} engine)");

        var echo = delivery == DeliveryKind.Pull ? PullEcho.RunAsync(server) : Task.CompletedTask;
        using var stopped = new CancellationTokenSource();
        var view = View(server, statistics, stopped.Token);
        await Task.WhenAny(signals.WaitForStopAsync(), server.Completion);
        // A second signal makes the stop abortive.
        await server.StopAsync(signals.StopNow);
        // With pull delivery: until the frames received before the stop were taken.
        await echo;
        // Its last reading is the final one.
        await stopped.CancelAsync();
        await view;
        if (server.Completion.Exception?.InnerException is { } failure)
            throw new ToolException($"the engine failed: {failure.Message}", cause: failure);
        return ExitCode.Ok;
    }

    private static FrameServer Create(FrameServerOptions options)
    {
        try
        {
            return new FrameServer(options);
        }
        catch (ArgumentException e)
        {
            // An option that passed the command line but that the library refuses, with its own reason.
            throw new UsageException(e.Message);
        }
    }

    private static Task View(FrameServer server, StatisticsForm statistics, CancellationToken stopped)
    {
        if (statistics == StatisticsForm.Json)
            return JsonStatistics.RunAsync(new StatisticsMeter(server), Console.OpenStandardOutput(), stopped);
        return Console.IsOutputRedirected ? Task.CompletedTask : LiveView.RunAsync(new StatisticsMeter(server), stopped);
    }
}
