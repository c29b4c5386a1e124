using Framing.Binary;
using Framing.Xml;
using Iocp.Core;

namespace Framing.Fuzz;

/// <summary>
/// What can be fuzzed, by name. The first byte of an input chooses one of the target's framings. They are made when the fuzzer is
/// there: instrumented code that runs before it has no map to write to.
/// </summary>
internal static class Targets
{
    public static IReadOnlyDictionary<string, Func<IFraming[]>> All { get; } = new Dictionary<string, Func<IFraming[]>>
    {
        ["binary"] = () =>
        [
            BinaryFraming.Create(new BinaryFramingOptions()),
            BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = 16, TotalLengthRule = TotalLengthRule.EqualsCurrent }),
            BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = 65535, TotalLengthRule = TotalLengthRule.Ignored, AllowedTypes = [0, 7] }),
        ],
        ["xml-document"] = () =>
        [
            XmlFraming.Document(),
            XmlFraming.Document(new XmlDocumentOptions { MaxDocumentLength = 40 }),
            XmlFraming.Document(new XmlDocumentOptions { MaxDepth = 2 }),
        ],
        ["declared-header"] = () =>
        [
            new LayoutFraming(HeaderLayout.PacketHead),
            new LayoutFraming(new HeaderLayout
            {
                HeaderSize = 4, ByteOrder = ByteOrder.BigEndian, MaxPayloadLength = 300, BytesToStrip = 1,
                Length = new LengthField { Offset = 1, Width = 3, Counts = LengthCounts.Frame },
                Fields = [new HeaderField { Name = "Magic", Offset = 0, Width = 1, Values = [0x4F, 0x50] }],
            }),
            new LayoutFraming(new HeaderLayout
            {
                HeaderSize = 20,
                Length = new LengthField { Offset = 0, Width = 8, Adjustment = 3 },
                Fields = [new HeaderField { Name = "Total", Offset = 8, Width = 8, IsSigned = true, TotalLength = TotalLengthRule.AtLeastCurrent }],
                Checksum = new HeaderChecksum { Offset = 16, RangeEnd = 16 },
            }),
        ],
        ["xml-raw"] = () => [XmlFraming.RawChunk()],
        ["planted"] = () => [new PlantedFraming()],
    };
}
