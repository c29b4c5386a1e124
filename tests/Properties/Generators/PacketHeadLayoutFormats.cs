using Framing.Binary;

namespace Framing.Properties.Generators;

/// <summary>PACKET_HEAD as a <see cref="HeaderLayout"/>: in code, and read from JSON.</summary>
public sealed class PacketHeadLayoutFormats : IWireFormats
{
    public const string Json = """
        {
          "name": "binary",
          "headerSize": 12,
          "byteOrder": "littleEndian",
          "length": { "name": "CurrentLength", "offset": 8, "width": 2 },
          "fields": [
            { "name": "TotalLength", "offset": 0, "width": 4, "isSigned": true, "totalLength": "atLeastCurrent" },
            { "name": "SerialNumber", "offset": 4, "width": 4 },
            { "name": "Type", "offset": 10, "width": 2 }
          ]
        }
        """;

    public static WireFormat[] All { get; } =
    [
        new PacketHeadFormat(new LayoutFraming(HeaderLayout.PacketHead), new BinaryFramingOptions()),
        new PacketHeadFormat(new LayoutFraming(HeaderLayout.FromJson(Json)), new BinaryFramingOptions()),
    ];
}
