using System.Globalization;
using System.Text;
using Framing.Binary;

namespace Framing.Tool.Dissect;

/// <summary>
/// A Wireshark dissector for one header, in Lua: the header as a table, and behind it <c>Dissector.lua</c>, which is the same for all and judges as the decoder does.
/// </summary>
internal sealed class DissectorScript
{
    private readonly HeaderLayout _layout;
    private readonly string _filter;
    private readonly HashSet<string> _filterNames = ["payload", "malformed", "checksum_mismatch", "unread", "lost"];     // the script's own
    private readonly Dictionary<string, int> _nextNumbers = [];
    private readonly List<Field> _fields;

    private DissectorScript(HeaderLayout layout)
    {
        _layout = layout;
        _filter = "framing_" + Lua.FilterName(layout.Name);
        var length = layout.Length!;
        List<Field> fields =
        [
            new(length.Name, length.Offset, length.Width, length.ByteOrder, IsSigned: false, LengthRule(), IsLength: true),
            .. layout.Fields.Select(field => new Field(field.Name, field.Offset, field.Width, field.ByteOrder, field.IsSigned, Rule(field), IsMagic: field.Values is not null)),
        ];
        _fields = [.. fields.OrderBy(field => field.Offset)];
        var numbers = _fields.Select((field, i) => (field.Name, Number: i + 1)).ToDictionary(field => field.Name, field => field.Number);
        Judged = [.. fields.Where(field => field is { Rule: not null, IsLength: false }).Select(field => numbers[field.Name])];
    }

    private int[] Judged { get; }

    private Int128 Addend => (Int128)_layout.Length!.Adjustment - (_layout.Length.Counts == LengthCounts.Frame ? _layout.HeaderSize : 0);

    /// <summary>The script.</summary>
    /// <param name="layout">A valid layout.</param>
    /// <param name="port">The TCP port of the server; both directions are dissected.</param>
    public static string Create(HeaderLayout layout, int port)
    {
        using var common = new StreamReader(typeof(DissectorScript).Assembly.GetManifestResourceStream("Dissector.lua")!);
        return $"{new DissectorScript(layout).Table(port)}\n{common.ReadToEnd()}";
    }

    private string Table(int port)
    {
        var lua = new StringBuilder();
        Line(lua, $"-- A dissector for Wireshark and tshark (-X lua_script:FILE), made by `framing dissector`.");
        Line(lua, $"local layout = {{");
        Line(lua, $"    name = {Lua.Text(_layout.Name)}, filter = {Lua.Text(_filter)}, title = {Lua.Text("Framing: " + _layout.Name)}, port = {port},");
        Line(lua, $"    header_size = {_layout.HeaderSize}, addend = {Addend}, length = {_fields.FindIndex(field => field.IsLength) + 1},");
        Line(lua, $"    judged = {{ {string.Join(", ", Judged)} }},");
        Line(lua, $"    fields = {{");
        foreach (var field in _fields)
        {
            Line(lua, $"        {{ name = {Lua.Text(field.Name)}, offset = {field.Offset}, width = {field.Width}, little = {IsLittle(field.Order)}, signed = {Flag(field.IsSigned)}{field.Rule},");
            Line(lua, $"          show = {Show(field)} }},");
        }

        Line(lua, $"    }},");
        if (_layout.Checksum is { } checksum)
        {
            var polynomial = checksum.Algorithm == ChecksumAlgorithm.Crc32C ? 0x82F63B78 : 0xEDB88320;      // reflected
            Line(lua, $"    checksum = {{ name = {Lua.Text(checksum.Name)}, offset = {Optional(checksum.Offset)}, width = {HeaderChecksum.Width}, little = {IsLittle(checksum.ByteOrder)}, polynomial = {polynomial},");
            Line(lua, $"        range_start = {checksum.RangeStart}, range_end = {Optional(checksum.RangeEnd)}, show = ProtoField.uint32({Names(checksum.Name)}, base.HEX) }},");
        }

        Line(lua, $"}}");
        return lua.ToString();
    }

    private string LengthRule()
    {
        var least = Int128.Max(0, (_layout.Checksum is { Offset: null } ? HeaderChecksum.Width : 0) - Addend);
        var greatest = _layout.PayloadLimit - Addend;
        return Range(least, greatest);
    }

    /// <summary>What the table says about a field that may not be anything; null otherwise.</summary>
    private static string? Rule(HeaderField field) => field switch
    {
        { TotalLength: TotalLengthRule.AtLeastCurrent } => ", total = \"atLeastCurrent\", rule = \" must be at least the payload's length\"",
        { TotalLength: TotalLengthRule.EqualsCurrent } => ", total = \"equalsCurrent\", rule = \" must be the payload's length\"",
        { TotalLength: TotalLengthRule.NonNegative } => ", total = \"nonNegative\", rule = \" must not be negative\"",
        { Values: { } values } => $", values = {{ {string.Join(", ", values.Select(Lua.Number))} }}, rule = {Lua.Text(" must be " + string.Join(" or ", values))}",
        { Minimum: null, Maximum: null } => null,
        _ => Range(field.Minimum, field.Maximum),
    };

    private static string Range(Int128? least, Int128? greatest)
    {
        var words = (least, greatest) switch
        {
            ({ } min, { } max) => $"{min} to {max}",
            ({ } min, null) => $"at least {min}",
            _ => $"at most {greatest}",
        };
        return $"{(least is { } low ? $", least = {Lua.Number(low)}" : "")}{(greatest is { } high ? $", greatest = {Lua.Number(high)}" : "")}, rule = {Lua.Text(" must be " + words)}";
    }

    private string Show(Field field)
    {
        var bits = field.Width <= 4 ? field.Width * 8 : 64;
        var numbers = field is { IsMagic: true, IsSigned: false } ? "DEC_HEX" : "DEC";     // a magic number is known in hexadecimal
        return string.Create(CultureInfo.InvariantCulture, $"ProtoField.{(field.IsSigned ? "int" : "uint")}{bits}({Names(field.Name)}, base.{numbers})");
    }

    /// <summary>The name for filters, which no other field has, and the name that is shown.</summary>
    private string Names(string name)
    {
        var wanted = Lua.FilterName(name);
        var filter = wanted;
        var number = _nextNumbers.GetValueOrDefault(wanted, 2);     // not counted from 2 for each: there may be many of one name
        while (!_filterNames.Add(filter))
            filter = string.Create(CultureInfo.InvariantCulture, $"{wanted}_{number++}");
        _nextNumbers[wanted] = number;
        return $"{Lua.Text($"{_filter}.{filter}")}, {Lua.Text(name)}";
    }

    private string IsLittle(ByteOrder? order) => Flag((order ?? _layout.ByteOrder) == ByteOrder.LittleEndian);

    private static string Flag(bool value) => value ? "true" : "false";

    private static string Optional(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "nil";

    private static void Line(StringBuilder lua, FormattableString line) => lua.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private sealed record Field(string Name, int Offset, int Width, ByteOrder? Order, bool IsSigned, string? Rule, bool IsLength = false, bool IsMagic = false);
}
