using System.CommandLine;
using Framing.Binary;
using Framing.Tool.Output;
using Framing.Tool.Parsing;

namespace Framing.Tool.Dissect;

/// <summary><c>framing dissector</c>: a header as Wireshark's own language.</summary>
internal static class DissectorCommand
{
    private const int DefaultPort = 9000;       // that of serve

    public static Command Create()
    {
        var framing = CommandOptions.Create<FramingKind?>(
            "--framing", "binary", "The header of PACKET_HEAD.", CommandOptions.OneOf<FramingKind?>((FramingChoice.Name(FramingKind.Binary), FramingKind.Binary)));
        var header = LayoutFile.Option();
        var maxPayload = FramingChoice.MaxPayloadOption();
        var totalLength = FramingChoice.TotalLengthOption();
        var port = CommandOptions.Create("--port", "N", "The TCP port of the server, 1 to 65535. Default: 9000.", CommandOptions.Integer(1, ushort.MaxValue));

        var command = new Command("dissector", $"Prints a dissector for Wireshark and tshark, in Lua: fields, reassembly, and malformed headers marked. Use it by -X lua_script:FILE. Exit code: 0 printed, 1 not, {ExitCode.FileHelp}.")
        {
            framing, header, maxPayload, totalLength, port,
        };
        command.SetAction(arguments =>
        {
            var limits = new FramingLimits { MaxPayload = arguments.GetValue(maxPayload), TotalLength = arguments.GetValue(totalLength) };
            var layout = FramingChoice.Layout(arguments.GetValue(framing), arguments.GetValue(header), limits) ?? PacketHead(limits);
            StandardOutput.OpenText().Write(DissectorScript.Create(layout, arguments.GetValue(port) ?? DefaultPort));
            return ExitCode.Ok;
        });
        return command;
    }

    private static HeaderLayout PacketHead(FramingLimits limits)
    {
        var head = HeaderLayout.PacketHead;
        var total = head.Fields[0];
        return new HeaderLayout
        {
            Name = head.Name,
            HeaderSize = head.HeaderSize,
            ByteOrder = head.ByteOrder,
            Length = head.Length,
            Fields =
            [
                new HeaderField { Name = total.Name, Offset = total.Offset, Width = total.Width, IsSigned = total.IsSigned, TotalLength = limits.TotalLength ?? total.TotalLength },
                .. head.Fields.Skip(1),
            ],
            MaxPayloadLength = limits.MaxPayload,
        };
    }
}
