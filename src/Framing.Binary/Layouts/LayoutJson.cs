using System.Globalization;
using System.Text.Json;

namespace Framing.Binary;

/// <summary>Reads a <see cref="HeaderLayout"/> from JSON. By hand and not by a serializer: the errors name the property and its value, and nothing is reflected on.</summary>
internal static class LayoutJson
{
    private static readonly JsonDocumentOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static HeaderLayout Read(ReadOnlyMemory<char> json) => Read(() => JsonDocument.Parse(json, s_options));

    public static HeaderLayout Read(ReadOnlyMemory<byte> json)
        => Read(() => JsonDocument.Parse(json.Span.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json, s_options));

    private static HeaderLayout Read(Func<JsonDocument> parse)
    {
        try
        {
            using JsonDocument document = parse();
            HeaderLayout layout = Layout(new LayoutObject(document.RootElement, ""));
            layout.Validate();
            return layout;
        }
        // A text with half of a surrogate pair is found only when it is read, and is then an InvalidOperationException.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"The layout is no JSON: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static HeaderLayout Layout(LayoutObject json)
    {
        HeaderLayout defaults = new();
        return json.Whole(new HeaderLayout
        {
            Name = json.Text("name") ?? defaults.Name,
            HeaderSize = json.Int("headerSize") ?? defaults.HeaderSize,
            ByteOrder = json.OneOf<ByteOrder>("byteOrder") ?? defaults.ByteOrder,
            Length = json.Object("length") is { } length ? Length(length) : null,
            Fields = json.Objects("fields") is { } fields ? [.. fields.Select(Field)] : defaults.Fields,
            Checksum = json.Object("checksum") is { } checksum ? Checksum(checksum) : null,
            MaxPayloadLength = json.Int("maxPayloadLength"),
            BytesToStrip = json.Int("bytesToStrip") ?? defaults.BytesToStrip,
        });
    }

    private static LengthField Length(LayoutObject json)
    {
        LengthField defaults = new();
        return json.Whole(new LengthField
        {
            Name = json.Text("name") ?? defaults.Name,
            Offset = json.Int("offset") ?? defaults.Offset,
            Width = json.Int("width") ?? defaults.Width,
            ByteOrder = json.OneOf<ByteOrder>("byteOrder"),
            Counts = json.OneOf<LengthCounts>("counts") ?? defaults.Counts,
            Adjustment = json.Int("adjustment") ?? defaults.Adjustment,
        });
    }

    private static HeaderField Field(LayoutObject json)
    {
        HeaderField defaults = new();
        return json.Whole(new HeaderField
        {
            Name = json.Text("name") ?? defaults.Name,
            Offset = json.Int("offset") ?? defaults.Offset,
            Width = json.Int("width") ?? defaults.Width,
            ByteOrder = json.OneOf<ByteOrder>("byteOrder"),
            IsSigned = json.Flag("isSigned") ?? defaults.IsSigned,
            Minimum = json.Number("minimum"),
            Maximum = json.Number("maximum"),
            Values = json.Numbers("values"),
            TotalLength = json.OneOf<TotalLengthRule>("totalLength"),
        });
    }

    private static HeaderChecksum Checksum(LayoutObject json)
    {
        HeaderChecksum defaults = new();
        return json.Whole(new HeaderChecksum
        {
            Name = json.Text("name") ?? defaults.Name,
            Algorithm = json.OneOf<ChecksumAlgorithm>("algorithm") ?? defaults.Algorithm,
            Offset = json.Int("offset"),
            ByteOrder = json.OneOf<ByteOrder>("byteOrder"),
            RangeStart = json.Int("rangeStart") ?? defaults.RangeStart,
            RangeEnd = json.Int("rangeEnd"),
        });
    }

    /// <summary>One object of the document. Remembers which properties were asked for: any other is unknown.</summary>
    private sealed class LayoutObject
    {
        private readonly JsonElement _element;
        private readonly string _path;
        private readonly HashSet<string> _known = [];

        public LayoutObject(JsonElement element, string path)
        {
            if (element.ValueKind != JsonValueKind.Object)
                throw Wrong(path.Length == 0 ? "The layout" : path, element, "an object");
            _element = element;
            _path = path;
        }

        /// <summary>Returns what was read, unless a property was left over.</summary>
        public T Whole<T>(T read)
        {
            foreach (JsonProperty property in _element.EnumerateObject())
            {
                if (!_known.Contains(property.Name))
                    throw new FormatException($"{Path(property.Name)} is unknown; there are {string.Join(", ", _known)}.");
            }

            return read;
        }

        public string? Text(string name) => Value(name) is not { } value ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw Wrong(Path(name), value, "a string");

        public bool? Flag(string name) => Value(name) is not { } value ? null
            : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw Wrong(Path(name), value, "true or false");

        public int? Int(string name) => Value(name) is not { } value ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number
            : throw Wrong(Path(name), value, $"a whole number from {int.MinValue} to {int.MaxValue}");

        public Int128? Number(string name) => Value(name) is { } value ? Number(Path(name), value) : null;

        public Int128[]? Numbers(string name)
            => Items(name)?.Select(item => Number(item.Path, item.Value)).ToArray();

        public LayoutObject? Object(string name) => Value(name) is { } value ? new LayoutObject(value, Path(name)) : null;

        public IEnumerable<LayoutObject>? Objects(string name) => Items(name)?.Select(item => new LayoutObject(item.Value, item.Path));

        /// <summary>A member of an enumeration by its name, in camel case as everything here.</summary>
        public T? OneOf<T>(string name)
            where T : struct, Enum
        {
            if (Value(name) is not { } value)
                return null;

            string[] names = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName)];
            int index = value.ValueKind == JsonValueKind.String ? Array.IndexOf(names, value.GetString()) : -1;
            return index >= 0 ? Enum.GetValues<T>()[index] : throw Wrong(Path(name), value, $"one of {string.Join(", ", names)}");
        }

        private (string Path, JsonElement Value)[]? Items(string name)
        {
            if (Value(name) is not { } value)
                return null;
            if (value.ValueKind != JsonValueKind.Array)
                throw Wrong(Path(name), value, "an array");
            return [.. value.EnumerateArray().Select((item, index) => ($"{Path(name)}[{index}]", item))];
        }

        // A magic number is written in hexadecimal where it is specified, and JSON has no such numbers: "0x4F48".
        private static Int128 Number(string path, JsonElement value)
        {
            string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            bool hexadecimal = value.ValueKind == JsonValueKind.String && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && text.Length <= 18;
            if (hexadecimal && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits))
                return bits;
            if (value.ValueKind == JsonValueKind.Number && Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 number))
                return number;
            throw Wrong(path, value, "a whole number, or a string with a hexadecimal one such as \"0x4F48\"");
        }

        private JsonElement? Value(string name)
        {
            _known.Add(name);
            return _element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }

        private string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

        private static FormatException Wrong(string what, JsonElement value, string expected)
        {
            const int shown = 60;
            string text = value.GetRawText();
            return new FormatException($"{what} is {(text.Length <= shown ? text : text[..shown] + "...")}; it must be {expected}.");
        }
    }
}
