namespace Framing.Binary;

/// <summary>
/// A header of fixed size declared as data: in code, in configuration or in a JSON file (<see cref="FromJson(string)"/>). <see cref="LayoutFraming"/> finds
/// frames by it, <see cref="LayoutEncoder"/> writes them, and <see cref="LayoutReader"/> reads their fields. Immutable as long as its lists are; any thread.
/// </summary>
/// <remarks>
/// Bytes of the header that no field has may be anything. Every property may be set in any combination; <see cref="Validate"/> says whether they make sense together,
/// and whatever takes a layout calls it.
/// </remarks>
public sealed class HeaderLayout
{
    private const int DefaultMaxPayloadLength = 8192;

    /// <summary>PACKET_HEAD with its default rules: finds and refuses what <see cref="PacketFraming{THead}"/> of <see cref="PacketHead"/> does.</summary>
    public static HeaderLayout PacketHead { get; } = new()
    {
        Name = "binary",
        HeaderSize = Binary.PacketHead.Size,
        ByteOrder = ByteOrder.LittleEndian,
        Length = new LengthField { Name = nameof(Binary.PacketHead.CurrentLength), Offset = 8, Width = 2 },
        Fields =
        [
            new HeaderField { Name = nameof(Binary.PacketHead.TotalLength), Offset = 0, Width = 4, IsSigned = true, TotalLength = TotalLengthRule.AtLeastCurrent },
            new HeaderField { Name = nameof(Binary.PacketHead.SerialNumber), Offset = 4, Width = 4 },
            new HeaderField { Name = nameof(Binary.PacketHead.Type), Offset = 10, Width = 2 },
        ],
    };

    /// <summary>The framing's name in logs and tools; not empty; default <c>layout</c>.</summary>
    public string Name { get; init; } = "layout";

    /// <summary>Length of the header in bytes: 1 to 65535.</summary>
    public int HeaderSize { get; init; }

    /// <summary>The byte order of every field that has none of its own; default <see cref="ByteOrder.BigEndian"/>.</summary>
    public ByteOrder ByteOrder { get; init; }

    /// <summary>The field that says how long the frame is. There must be one.</summary>
    public LengthField? Length { get; init; }

    /// <summary>The other fields, in the order in which they are judged; default none.</summary>
    public IReadOnlyList<HeaderField> Fields { get; init; } = [];

    /// <summary>A checksum; null (the default): there is none.</summary>
    public HeaderChecksum? Checksum { get; init; }

    /// <summary>
    /// Longest legal payload (all that follows the header) in bytes: at least 1 (4 where the frame ends with a checksum), and no more than the length field can state; null (the default): 8192, or what it can state
    /// where that is less. <see cref="PayloadLimit"/> has the outcome.
    /// </summary>
    public int? MaxPayloadLength { get; init; }

    /// <summary>Bytes at the beginning of each frame that are not delivered: 0 (the default) to <see cref="HeaderSize"/>, which leaves the payload alone.</summary>
    public int BytesToStrip { get; init; }

    /// <summary>Longest legal payload in bytes, after the default.</summary>
    /// <exception cref="ArgumentException">The layout is not valid.</exception>
    public int PayloadLimit
    {
        get
        {
            Validate();
            return MaxPayload;
        }
    }

    /// <summary>Reads a layout: an object whose properties are this class's, in camel case, as docs/your-own-header.md shows.</summary>
    /// <param name="json">One JSON object; comments are allowed.</param>
    /// <returns>A valid layout.</returns>
    /// <exception cref="FormatException">It is no JSON, has a property that is unknown or given twice, a value that the property does not have, or makes no valid layout; the message names property and value.</exception>
    public static HeaderLayout FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return LayoutJson.Read(json.AsMemory());
    }

    /// <summary>Reads a layout from UTF-8; see <see cref="FromJson(string)"/>.</summary>
    /// <param name="utf8Json">One JSON object; a byte order mark and comments are allowed.</param>
    /// <returns>A valid layout.</returns>
    /// <exception cref="FormatException">As in <see cref="FromJson(string)"/>.</exception>
    public static HeaderLayout FromJson(ReadOnlyMemory<byte> utf8Json) => LayoutJson.Read(utf8Json);

    /// <summary>Throws unless the layout can be used.</summary>
    /// <exception cref="ArgumentException">Something is missing, out of range, overlaps or contradicts; the message names the field, the value and the limit.</exception>
    public void Validate() => LayoutRules.Require(this);

    /// <summary>What must be added to the length field's value to give the payload's length.</summary>
    internal Int128 PayloadAddend => (Int128)Length!.Adjustment - (Length.Counts == LengthCounts.Frame ? HeaderSize : 0);

    /// <summary>The shortest payload that has room for what must be in it.</summary>
    internal int MinPayload => Checksum is { Offset: null } ? HeaderChecksum.Width : 0;

    /// <summary>The longest payload that the length field can state.</summary>
    internal Int128 StatablePayload => (Int128.One << (Length!.Width * 8)) - 1 + PayloadAddend;

    /// <summary>The length field's least legal value.</summary>
    internal Int128 LeastLength => Int128.Max(0, MinPayload - PayloadAddend);

    /// <summary>The length field's greatest legal value.</summary>
    internal Int128 GreatestLength => MaxPayload - PayloadAddend;

    internal int MaxPayload => MaxPayloadLength ?? (int)Int128.Min(DefaultMaxPayloadLength, StatablePayload);
}
