namespace Framing.Binary;

/// <summary>What every <see cref="HeaderLayout"/> must be: one method a topic, and the first broken rule is the one that is told.</summary>
internal static class LayoutRules
{
    private const int MaxHeaderSize = ushort.MaxValue;

    public static void Require(HeaderLayout layout)
    {
        if (string.IsNullOrWhiteSpace(layout.Name))
            throw Broken("Name is empty.");
        RequireRange("HeaderSize", layout.HeaderSize, 1, MaxHeaderSize);
        RequireDefined("ByteOrder", layout.ByteOrder);
        RequireRange("BytesToStrip", layout.BytesToStrip, 0, layout.HeaderSize);
        if (layout.Length is null)
            throw Broken("Length is missing: the layout must have the field that says how long a frame is.");
        if (layout.Fields is null || layout.Fields.Contains(null!))
            throw Broken("Fields is or holds null.");

        RequirePlaces(layout);
        RequireLength(layout);
        foreach (HeaderField field in layout.Fields)
            RequireValues(field);
        if (layout.Checksum is not null)
            RequireChecksum(layout.Checksum, layout);
    }

    /// <summary>Every field has a name of its own, lies in the header and overlaps no other.</summary>
    private static void RequirePlaces(HeaderLayout layout)
    {
        List<Place> places = [PlaceOf(layout.Length!)];
        places.AddRange(layout.Fields.Select(field => new Place(field.Name, field.Offset, field.Width, field.ByteOrder)));
        if (layout.Checksum is { Offset: { } offset } checksum)
            places.Add(new Place(checksum.Name, offset, HeaderChecksum.Width, checksum.ByteOrder));

        HashSet<string> names = [];
        var takenBy = new int[layout.HeaderSize];       // for each byte the place that it belongs to, counted from 1
        for (int i = 0; i < places.Count; i++)
        {
            Place place = places[i];
            if (string.IsNullOrWhiteSpace(place.Name))
                throw Broken($"The field at offset {place.Offset} has no Name.");
            RequireRange($"{place.Name}: Width", place.Width, 1, 8);
            if (place.ByteOrder is { } order)
                RequireDefined($"{place.Name}: ByteOrder", order);
            if (place.Offset < 0 || place.Offset > layout.HeaderSize - place.Width)
                throw Broken($"{place.Name}: {place.Width} bytes at Offset {place.Offset} are not in the header of {layout.HeaderSize} bytes.");

            if (!names.Add(place.Name))
                throw Broken($"{place.Name}: two fields have this Name.");
            Span<int> bytes = takenBy.AsSpan(place.Offset, place.Width);
            if (bytes.IndexOfAnyExcept(0) is >= 0 and int taken && places[bytes[taken] - 1] is var other)
                throw Broken($"{place.Name}: its {place.Width} bytes at Offset {place.Offset} overlap those of {other.Name}, {other.Width} at {other.Offset}.");
            bytes.Fill(i + 1);
        }
    }

    private static void RequireLength(HeaderLayout layout)
    {
        LengthField length = layout.Length!;
        RequireDefined($"{length.Name}: Counts", length.Counts);

        Int128 statable = layout.StatablePayload;
        if (statable < Math.Max(1, layout.MinPayload))
            throw Broken($"{length.Name}: with Adjustment {length.Adjustment} its {length.Width} bytes can state no payload, or none that is long enough.");
        if (layout.MaxPayloadLength is { } max)
            RequireRange("MaxPayloadLength", max, Math.Max(1, layout.MinPayload), Int128.Min(Array.MaxLength - layout.HeaderSize, statable));
        if (layout.PayloadAddend > layout.MaxPayload)
            throw Broken($"{length.Name}: Adjustment is {length.Adjustment}, so that every payload is longer than MaxPayloadLength, which is {layout.MaxPayload}.");
    }

    private static void RequireValues(HeaderField field)
    {
        if ((field.TotalLength is null ? 0 : 1) + (field.Values is null ? 0 : 1) + (field.Minimum is null && field.Maximum is null ? 0 : 1) > 1)
            throw Broken($"{field.Name}: only one of a range (Minimum, Maximum), Values and TotalLength can be given.");
        if (field.TotalLength is { } rule)
            RequireDefined($"{field.Name}: TotalLength", rule);
        if (field.Minimum > field.Maximum)
            throw Broken($"{field.Name}: the range is empty, for Minimum is {field.Minimum} and Maximum is {field.Maximum}.");
        if (field.Values is { Count: 0 })
            throw Broken($"{field.Name}: Values is empty, so that no frame would be legal.");

        Int128?[] given = [field.Minimum, field.Maximum, .. field.Values?.Select(value => (Int128?)value) ?? []];
        foreach (Int128? value in given)
        {
            if (value < field.Least || value > field.Greatest)
                throw Broken($"{field.Name}: {value} does not fit; its {field.Width} bytes hold {field.Least} to {field.Greatest}.");
        }
    }

    private static void RequireChecksum(HeaderChecksum checksum, HeaderLayout layout)
    {
        if (string.IsNullOrWhiteSpace(checksum.Name))
            throw Broken("The checksum has no Name.");
        if (checksum.Name == layout.Length!.Name || layout.Fields.Any(field => field.Name == checksum.Name))
            throw Broken($"{checksum.Name}: two fields have this Name.");
        RequireDefined($"{checksum.Name}: Algorithm", checksum.Algorithm);
        if (checksum.ByteOrder is { } order)
            RequireDefined($"{checksum.Name}: ByteOrder", order);
        RequireRange($"{checksum.Name}: RangeStart", checksum.RangeStart, 0, layout.HeaderSize);
        if (checksum.RangeEnd is { } end)
        {
            RequireRange($"{checksum.Name}: RangeEnd", end, 0, layout.HeaderSize);
            if (end <= checksum.RangeStart)
                throw Broken($"{checksum.Name}: it covers nothing, for RangeStart is {checksum.RangeStart} and RangeEnd is {end}.");
        }

        if (checksum.Offset is { } offset && offset + HeaderChecksum.Width > checksum.RangeStart && offset < (checksum.RangeEnd ?? int.MaxValue))
            throw Broken($"{checksum.Name}: it covers itself; it is at Offset {offset}, and its range begins at {checksum.RangeStart}.");
    }

    private static Place PlaceOf(LengthField length) => new(length.Name, length.Offset, length.Width, length.ByteOrder);

    private static void RequireRange(string what, Int128 value, Int128 min, Int128 max)
    {
        if (value < min || value > max)
            throw Broken($"{what} is {value}; it must be {min} to {max}.");
    }

    private static void RequireDefined<T>(string what, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw Broken($"{what} is {value:D}; it must be one of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    private static ArgumentException Broken(string message) => new(message);

    private readonly record struct Place(string Name, int Offset, int Width, ByteOrder? ByteOrder);
}
