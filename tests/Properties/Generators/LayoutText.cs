using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Framing.Binary;

namespace Framing.Properties.Generators;

/// <summary>A layout as the JSON that declares it.</summary>
internal static class LayoutText
{
    public static string Json(HeaderLayout layout)
    {
        JsonObject json = new()
        {
            ["name"] = layout.Name,
            ["headerSize"] = layout.HeaderSize,
            ["byteOrder"] = Member<ByteOrder>(layout.ByteOrder),
            ["bytesToStrip"] = layout.BytesToStrip,
            ["maxPayloadLength"] = layout.MaxPayloadLength,
            ["length"] = new JsonObject
            {
                ["name"] = layout.Length!.Name,
                ["offset"] = layout.Length.Offset,
                ["width"] = layout.Length.Width,
                ["byteOrder"] = Member(layout.Length.ByteOrder),
                ["counts"] = Member<LengthCounts>(layout.Length.Counts),
                ["adjustment"] = layout.Length.Adjustment,
            },
            ["fields"] = new JsonArray([.. layout.Fields.Select(Field)]),
        };
        if (layout.Checksum is { } checksum)
        {
            json["checksum"] = new JsonObject
            {
                ["name"] = checksum.Name,
                ["algorithm"] = Member<ChecksumAlgorithm>(checksum.Algorithm),
                ["offset"] = checksum.Offset,
                ["byteOrder"] = Member(checksum.ByteOrder),
                ["rangeStart"] = checksum.RangeStart,
                ["rangeEnd"] = checksum.RangeEnd,
            };
        }

        return json.ToJsonString();
    }

    private static JsonObject Field(HeaderField field) => new()
    {
        ["name"] = field.Name,
        ["offset"] = field.Offset,
        ["width"] = field.Width,
        ["byteOrder"] = Member(field.ByteOrder),
        ["isSigned"] = field.IsSigned,
        ["minimum"] = Number(field.Minimum),
        ["maximum"] = Number(field.Maximum),
        ["values"] = field.Values is { } values ? new JsonArray([.. values.Select(value => Number(value))]) : null,
        ["totalLength"] = Member(field.TotalLength),
    };

    private static JsonNode? Number(Int128? value) => value is { } number ? JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)) : null;

    private static string? Member<T>(T? value)
        where T : struct, Enum
        => value is { } member ? JsonNamingPolicy.CamelCase.ConvertName(member.ToString()) : null;
}
