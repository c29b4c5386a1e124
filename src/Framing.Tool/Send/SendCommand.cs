using System.Buffers;
using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Framing.Binary;
using Framing.Tool.Output;
using Framing.Tool.Parsing;
using Iocp.Core;

namespace Framing.Tool.Send;

/// <summary><c>framing send</c>: one frame there, and what comes back.</summary>
internal static class SendCommand
{
    public static Command Create()
    {
        var connect = CommandOptions.Required("--connect", "ADDR:PORT|[::1]:PORT|HOST:PORT|unix:PATH", "Where to send it.", EndPointText.ParseConnect);
        var framing = FramingChoice.OptionBesideHeaderOrBinary();
        var header = LayoutFile.Option();
        var maxDocument = FramingChoice.MaxDocumentOption();
        var maxDepth = FramingChoice.MaxDepthOption();
        var timeout = CommandOptions.Create("--timeout", "DURATION", "How long to wait for what comes back, 1ms to 576h. Default: 5s.", DurationText.Parse);
        var type = CommandOptions.Create("--type", "N", "Binary framing, required: the packet type, 0 to 65535.", CommandOptions.Integer<ushort>(0, ushort.MaxValue));
        var serial = CommandOptions.Create("--serial", "N", "Binary framing: the serial number, 0 to 4294967295. Default: 0.", CommandOptions.Integer<uint>(0, uint.MaxValue));
        var text = CommandOptions.Create<string?>("--text", "T", "The payload (with another framing than binary: one or more whole frames) as text, sent in UTF-8.", static value => value);
        var hex = CommandOptions.Create<ReadOnlyMemory<byte>?>("--hex", "H", "The same in hexadecimal.", static value => ParseHex(value));
        var file = CommandOptions.Create<string?>("--file", "F", "The same from a file.", static value => value);

        var command = new Command("send", $"Sends one frame, and prints the first frame that comes back as a JSON line. Exit code: 0 one came back, 1 none did, {ExitCode.FileHelp}.")
        {
            connect, framing, header, maxDocument, maxDepth, timeout, type, serial, text, hex, file,
        };
        command.SetAction(async (arguments, _) =>
        {
            var declared = arguments.GetValue(header);
            var kind = FramingChoice.KindOrBinary(arguments.GetValue(framing), declared);
            var limits = new FramingLimits
            {
                MaxPayload = kind == FramingKind.Binary ? FramingChoice.MaxPayload : null,
                MaxDocument = arguments.GetValue(maxDocument),
                MaxDepth = arguments.GetValue(maxDepth),
            };
            var layout = FramingChoice.Layout(kind, declared, limits);
            var shared = FramingChoice.Create(kind, layout, limits);
            var limit = kind == FramingKind.Binary ? FramingChoice.MaxPayload : Array.MaxLength;
            var payload = Payload(arguments.GetValue(text), arguments.GetValue(hex), arguments.GetValue(file), limit);
            var message = kind == FramingKind.Binary
                ? Packet(payload, arguments.GetValue(type), arguments.GetValue(serial))
                : Frames(shared, payload, arguments.GetValue(type) is not null || arguments.GetValue(serial) is not null);
            using var lines = new FrameLines(StandardOutput.Open(), kind, layout is null ? null : new LayoutFields(layout));
            return await RunAsync(arguments.GetValue(connect)!, shared, message, arguments.GetValue(timeout) ?? TimeSpan.FromSeconds(5), lines);
        });
        return command;
    }

    private static async Task<int> RunAsync(EndPoint target, IFraming framing, ReadOnlyMemory<byte> message, TimeSpan timeout, FrameLines lines)
    {
        using var over = new CancellationTokenSource();
        ConnectionClosed? closed = null;
        await using var client = new FrameClient(new FrameClientOptions
        {
            Framing = framing,
            ConnectTimeout = timeout,
            FrameTimeout = Timeout.InfiniteTimeSpan,        // the one time that the user gave bounds these too
            SendTimeout = Timeout.InfiniteTimeSpan,
            LingerTimeout = TimeSpan.FromMilliseconds(1),       // what is refused is told at once, not when the peer ends
            Closed = notification =>
            {
                closed = notification;
                over.Cancel();
            },
        });
        var connection = await ConnectAsync(client, target, timeout);
        connection.Send(message);
        over.CancelAfter(timeout);
        try
        {
            using var frame = await client.ReceiveAsync(over.Token);
            lines.WriteFrame(frame.Index, frame.StreamOffset, frame.Bytes.Span);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException)
        {
            throw new ToolException(closed switch
            {
                null => $"nothing came back within {DurationText.Format(timeout)}",
                { Rejection: { } rejection } => $"what came back was refused: {rejection}",
                { Reason: CloseReason.TruncatedFrame } => "what came back ended inside a frame",
                { Reason: CloseReason.RemoteClosed or CloseReason.RemoteReset } => $"nothing came back: {UnansweredClose.Describe(closed.Value.Reason)}",
                _ => $"nothing came back: {closed.Value.Reason}",
            });
        }
    }

    private static async Task<Connection> ConnectAsync(FrameClient client, EndPoint target, TimeSpan timeout)
    {
        try
        {
            return await client.ConnectAsync(target);
        }
        catch (SocketException e)
        {
            throw new ToolException($"cannot connect to {EndPointText.Unreached(target, e)}", cause: e);
        }
        catch (TimeoutException e)
        {
            throw new ToolException($"cannot connect to {EndPointText.Format(target)} within {DurationText.Format(timeout)}", cause: e);
        }
    }

    private static ReadOnlyMemory<byte> Payload(string? text, ReadOnlyMemory<byte>? hex, string? file, int limit)
    {
        if (new object?[] { text, hex, file }.Count(static given => given is not null) != 1)
            throw new UsageException("give exactly one of --text, --hex and --file");
        if (text is not null)
            return Encoding.UTF8.GetBytes(text);
        if (hex is not null)
            return hex.Value;
        return InputFile.ReadAll(file!, limit, "one frame");
    }

    private static ReadOnlyMemory<byte> Packet(ReadOnlyMemory<byte> payload, ushort? type, uint? serial)
    {
        if (type is null)
            throw new UsageException("--type is required with --framing binary");
        if (payload.Length > FramingChoice.MaxPayload)
            throw new UsageException($"the payload has {payload.Length} bytes; a packet holds at most {FramingChoice.MaxPayload}");
        var message = new byte[PacketHead.Size + payload.Length];
        new PacketHead(payload.Length, serial ?? 0, (ushort)payload.Length, type.Value).Write(message);
        payload.CopyTo(message.AsMemory(PacketHead.Size));
        return message;
    }

    private static ReadOnlyMemory<byte> Frames(IFraming framing, ReadOnlyMemory<byte> payload, bool header)
    {
        if (header)
            throw new UsageException("--type and --serial apply to --framing binary only");
        if (payload.IsEmpty)
            throw new UsageException("there is nothing to send");
        return framing.CheckOutgoing(payload.Span) is { } refused
            ? throw new UsageException($"what is to be sent is not one or more whole frames: {refused}")
            : payload;
    }

    private static byte[] ParseHex(string text)
    {
        var bytes = new byte[text.Length / 2];
        return Convert.FromHexString(text, bytes, out _, out var written) == OperationStatus.Done && written * 2 == text.Length
            ? bytes
            : throw new UsageException($"'{text}' is not hexadecimal: two digits a byte");
    }
}
