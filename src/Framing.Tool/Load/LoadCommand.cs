using System.CommandLine;
using Framing.Tool.Output;
using Framing.Tool.Parsing;

namespace Framing.Tool.Load;

/// <summary><c>framing load</c>: a load that verifies every byte that comes back.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var connect = CommandOptions.Required(
            "--connect", "ADDR:PORT|[::1]:PORT|HOST:PORT|unix:PATH", "The echo server to put under load.", EndPointText.ParseConnect);
        var framing = FramingChoice.Option();
        var maxDocument = FramingChoice.MaxDocumentOption();
        var maxDepth = FramingChoice.MaxDepthOption();
        var engine = EngineChoice.Option();
        var connections = CommandOptions.Create("--connections", "N", "Connections, 1 to 1000000. Default: 10.", CommandOptions.Integer(1, 1_000_000));
        var hold = CommandOptions.Create(
            "--hold", "N", "Hold N connections, 1 to 1000000, instead: one message on each when all are open, and one again after the duration. With io_uring they take no file descriptors.",
            CommandOptions.Integer(1, 1_000_000));
        var depth = CommandOptions.Create("--depth", "N", "Messages in flight on each connection, 1 to 65536. Default: 1.", CommandOptions.Integer(1, 65_536));
        var payload = CommandOptions.Create(
            "--payload", "N", "Bytes of payload in a message, 0 (raw XML: 1) to 65535; in a document, of its text. Default: 64.", CommandOptions.Integer(0, FramingChoice.MaxPayload));
        var duration = CommandOptions.Create("--duration", "DURATION", "How long to send, or to hold, 1ms to 576h. Default: 10s.", DurationText.Parse);
        var rate = CommandOptions.Create(
            "--rate", "N", "Messages a second over all connections, 1 to 100000000, as far as --depth lets them leave: what was due and did not is reported. Default: as fast as the echoes come.", CommandOptions.Integer(1, 100_000_000));
        var split = CommandOptions.Flag("--split", "Send in random small pieces, by plain sockets instead of an engine.");
        var json = CommandOptions.Flag("--json", "Print the result as one JSON object.");

        var command = new Command("load", $"Puts an echo server under load and compares every byte that comes back. It waits for echoes until none has come for {DurationText.Format(LoadRun.Patience)}, and ends when there was none at first. Exit code: 0 all came back as sent, 1 anything was lost or wrong or nothing came back, {ExitCode.UsageHelp}.")
        {
            connect, framing, maxDocument, maxDepth, engine, connections, hold, depth, payload, duration, rate, split, json,
        };
        command.SetAction(async (arguments, _) =>
        {
            var kind = arguments.GetValue(framing);
            var held = arguments.GetValue(hold);
            if (held is not null && (arguments.GetValue(connections) ?? arguments.GetValue(depth) ?? arguments.GetValue(rate)) is not null)
                throw new UsageException("--hold goes without --connections, --depth and --rate");
            if (held is not null && arguments.GetValue(split))
                throw new UsageException("--hold goes without --split");
            if (arguments.GetValue(split) && arguments.GetResult(engine) is not null)
                throw new UsageException("--split goes without --engine");
            var settings = new LoadSettings
            {
                Target = arguments.GetValue(connect)!,
                Framing = kind,
                ClientFraming = FramingChoice.Create(kind, new FramingLimits
                {
                    // As long as the field allows: what the server refuses is the server's to say.
                    MaxPayload = kind == FramingKind.Binary ? FramingChoice.MaxPayload : null,
                    MaxDocument = arguments.GetValue(maxDocument),
                    MaxDepth = arguments.GetValue(maxDepth),
                }),
                Engine = arguments.GetValue(engine),
                Connections = held ?? arguments.GetValue(connections) ?? 10,
                Hold = held is not null,
                Depth = arguments.GetValue(depth) ?? 1,
                Payload = arguments.GetValue(payload) ?? 64,
                Duration = arguments.GetValue(duration) ?? TimeSpan.FromSeconds(10),
                Rate = arguments.GetValue(rate),
                Split = arguments.GetValue(split),
            };
            if (kind == FramingKind.XmlRaw && settings.Payload == 0)
                throw new UsageException("--payload: '0' is no message in raw XML, which has no header");

            using var signals = new StopSignals();
            using var context = new LoadContext(settings);
            var quiet = arguments.GetValue(json) || Console.IsOutputRedirected;
            var result = quiet
                ? await new LoadRun(context, static _ => { }).RunAsync(signals)
                : await LoadProgress.RunAsync(context, signals);
            if (arguments.GetValue(json))
                LoadReport.WriteJson(result, StandardOutput.Open());
            else
                LoadReport.WriteText(result, StandardOutput.OpenText());
            return result.Errors.Any || result.Verified == 0 ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }
}
