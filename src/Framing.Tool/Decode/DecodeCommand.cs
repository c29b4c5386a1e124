using System.CommandLine;
using System.IO.Pipelines;
using Framing.Binary;
using Framing.Tool.Output;
using Framing.Tool.Parsing;
using Iocp.Core;

namespace Framing.Tool.Decode;

/// <summary><c>framing decode</c>: what the decoder makes of some bytes, cut as one likes.</summary>
internal static class DecodeCommand
{
    private const string StandardInput = "-";

    public static Command Create()
    {
        var framing = FramingChoice.OptionBesideHeader();
        var header = LayoutFile.Option();
        var maxPayload = FramingChoice.MaxPayloadOption();
        var maxDocument = FramingChoice.MaxDocumentOption();
        var maxDepth = FramingChoice.MaxDepthOption();
        var totalLength = FramingChoice.TotalLengthOption();
        var messages = CommandOptions.Flag("--messages", "Binary framing: put packets together to messages, and print those.");
        var maxMessage = FramingChoice.MaxMessageOption();
        var readSize = CommandOptions.Create(
            "--read-size", "N", "Decode as if the bytes came in reads of N bytes, 1 to 2147483591. Default: in reads as they come; with xml-raw, where a read is a frame, all in one.", CommandOptions.Integer(1, Array.MaxLength));
        var file = new Argument<string?>("FILE") { Description = "The bytes to decode; - is standard input, and the default.", Arity = ArgumentArity.ZeroOrOne };

        var command = new Command("decode", $"Runs the decoder over a file and prints a JSON line for each frame, then one for the end. Exit code: 0 clean, 2 truncated, 3 rejected, 1 nobody reads what is printed, {ExitCode.FileHelp}.")
        {
            framing, header, maxPayload, totalLength, messages, maxMessage, maxDocument, maxDepth, readSize, file,
        };
        command.SetAction((arguments, _) =>
        {
            var kind = arguments.GetValue(framing);
            var limits = new FramingLimits
            {
                MaxPayload = arguments.GetValue(maxPayload),
                TotalLength = arguments.GetValue(totalLength),
                Messages = arguments.GetValue(messages),
                MaxMessage = arguments.GetValue(maxMessage),
                MaxDocument = arguments.GetValue(maxDocument),
                MaxDepth = arguments.GetValue(maxDepth),
            };
            var layout = FramingChoice.Layout(kind, arguments.GetValue(header), limits);
            return RunAsync(
                FramingChoice.Create(kind, layout, limits),
                new FrameLines(StandardOutput.Open(), kind, layout is null ? null : new LayoutFields(layout)),
                arguments.GetValue(file) ?? StandardInput,
                arguments.GetValue(readSize) ?? (kind == FramingKind.XmlRaw ? Array.MaxLength : null));
        });
        return command;
    }

    private static async Task<int> RunAsync(IFraming framing, FrameLines lines, string file, int? readSize)
    {
        using var flushed = lines;
        await using var input = file == StandardInput ? Console.OpenStandardInput() : InputFile.Open(file);
        var reads = readSize is { } size ? new ReadsOf(input, size) : PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        await using var frames = new FramePipeReader(reads, framing);
        var all = frames.ReceiveAllAsync().GetAsyncEnumerator();    // ended by the dispose of the frames, which may come while it waits
        try
        {
            while (await NextAsync())
            {
                using var frame = all.Current;
                lines.WriteFrame(frame.Index, frame.StreamOffset, frame.Bytes.Span);
            }

            lines.WriteClean();
            return ExitCode.Ok;
        }
        catch (FrameStreamException e) when (e.Reason == CloseReason.TruncatedFrame)
        {
            lines.WriteTruncated(e.StreamOffset, e.BytesHeld);
            return ExitCode.Truncated;
        }
        catch (FrameStreamException e) when (e.Rejection is not null)
        {
            lines.WriteRejected(e.Rejection);
            return ExitCode.Rejected;
        }

        // Who waits for more has shown what there was.
        ValueTask<bool> NextAsync()
        {
            var next = all.MoveNextAsync();
            if (!next.IsCompleted)
                lines.Flush();
            return next;
        }
    }
}
