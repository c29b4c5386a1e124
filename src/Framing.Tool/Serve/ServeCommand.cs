using System.CommandLine;
using System.Net;
using Framing.Tool.Parsing;
using Iocp.Core;
using Microsoft.Extensions.Logging;

namespace Framing.Tool.Serve;

internal enum DeliveryKind
{
    Inline,
    Pull,
}

/// <summary>How the server tells how it does.</summary>
internal enum StatisticsForm
{
    /// <summary>The live view on a terminal, nothing elsewhere.</summary>
    View,
    Json,
}

/// <summary><c>framing serve</c>: an echo server.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var framing = FramingChoice.OptionBesideHeaderOrBinary();
        var header = LayoutFile.Option();
        var listen = CommandOptions.Many(
            "--listen", "ADDR:PORT|[::1]:PORT|unix:PATH", "Where to listen; may be given several times. Default: 127.0.0.1:9000.",
            EndPointText.ParseListen);
        var engine = EngineChoice.Option();
        var workers = CommandOptions.Create(
            "--workers", "N", "Worker threads of engines that have their own, 1 to 1024. Default: the number of processors.", CommandOptions.Integer(1, 1024));
        var spin = CommandOptions.Create(
            "--spin", "DURATION", "How long a worker of io_uring or epoll looks for more before it blocks, 1us to 10ms: 50us, say; 0: it does not. Default: 0.", DurationText.ParseSpin);
        var direct = CommandOptions.Flag(
            "--direct-descriptors", "Hold connections by io_uring's direct descriptors: more of them than the process may have file descriptors.");
        var maxPayload = FramingChoice.MaxPayloadOption();
        var totalLength = FramingChoice.TotalLengthOption();
        var maxDocument = FramingChoice.MaxDocumentOption();
        var maxDepth = FramingChoice.MaxDepthOption();
        var delivery = CommandOptions.Create(
            "--delivery", "inline|pull", "Echo on the worker that read the frame, or through the receive queue. Default: inline.",
            CommandOptions.OneOf(("inline", DeliveryKind.Inline), ("pull", DeliveryKind.Pull)));
        var firstFrame = CommandOptions.Create(
            "--first-frame-timeout", "DURATION", "Close a connection whose first frame has not come by then, 1ms to 576h; 0: never. Default: 30s.", DurationText.ParseDeadline);
        var idle = CommandOptions.Create(
            "--idle-timeout", "DURATION", "Close a connection that sends nothing for so long, 1ms to 576h; 0: never. Default: 0.", DurationText.ParseDeadline);
        var maxConnections = CommandOptions.Create(
            "--max-connections", "N", "Connections open at once, 1 to 16777215. Default: 1000000.", CommandOptions.Integer(1, 16_777_215));
        var stats = CommandOptions.Create(
            "--stats", "json", "Print one JSON object a second, instead of the live view of a terminal.", CommandOptions.OneOf(("json", StatisticsForm.Json)));
        var verbose = CommandOptions.Flag("--verbose", "Log on standard error how each connection ended, and what was refused.");

        var command = new Command("serve", $"An echo server: sends every frame back. Stops gracefully at SIGINT and SIGTERM. Exit code: 0 stopped so, 1 it could not listen or go on, {ExitCode.FileHelp}.")
        {
            framing, header, listen, engine, workers, spin, direct, maxPayload, totalLength, maxDocument, maxDepth, delivery, firstFrame, idle, maxConnections, stats, verbose,
        };
        command.SetAction((arguments, _) =>
        {
            var file = arguments.GetValue(header);
            var kind = FramingChoice.KindOrBinary(arguments.GetValue(framing), file);
            var limits = new FramingLimits
            {
                MaxPayload = arguments.GetValue(maxPayload),
                TotalLength = arguments.GetValue(totalLength),
                MaxDocument = arguments.GetValue(maxDocument),
                MaxDepth = arguments.GetValue(maxDepth),
            };
            var shared = FramingChoice.Create(kind, FramingChoice.Layout(kind, file, limits), limits);
            var options = new FrameServerOptions
            {
                Engine = arguments.GetValue(engine),
                Workers = arguments.GetValue(workers),
                SpinTime = arguments.GetValue(spin) ?? TimeSpan.Zero,
                DirectDescriptors = arguments.GetValue(direct),
                FirstFrameTimeout = arguments.GetValue(firstFrame) ?? TimeSpan.FromSeconds(30),
                IdleTimeout = arguments.GetValue(idle) ?? Timeout.InfiniteTimeSpan,
            };
            foreach (var endPoint in arguments.GetValue(listen) is { Length: > 0 } given ? given : [new IPEndPoint(IPAddress.Loopback, 9000)])
                options.Listeners.Add(new ListenerOptions { EndPoint = endPoint, Framing = shared });
            if (arguments.GetValue(maxConnections) is { } limit)
                options.MaxConnections = limit;
            return EchoServer.RunAsync(options, arguments.GetValue(delivery), arguments.GetValue(stats), arguments.GetValue(verbose) ? LogLevel.Debug : LogLevel.Warning);
        });
        return command;
    }
}
