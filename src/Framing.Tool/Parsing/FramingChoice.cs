using System.CommandLine;
using Framing.Binary;
using Framing.Xml;
using Iocp.Core;

namespace Framing.Tool.Parsing;

internal enum FramingKind
{
    Binary,
    XmlRaw,
}

/// <summary>The choice of framing, the same in every command.</summary>
internal static class FramingChoice
{
    /// <summary>The longest payload that the field of the header can state.</summary>
    public const int MaxPayload = ushort.MaxValue;

    private static readonly (string Name, FramingKind Value)[] Names = [("binary", FramingKind.Binary), ("xml-raw", FramingKind.XmlRaw)];

    public static Option<FramingKind> Option() => CommandOptions.Create(
        "--framing", "binary|xml-raw", "How frames are found in the stream. Default: binary.", CommandOptions.OneOf(Names));

    public static Option<FramingKind> RequiredOption() => CommandOptions.Required(
        "--framing", "binary|xml-raw", "How frames are found in the stream.", CommandOptions.OneOf(Names));

    public static Option<int?> MaxPayloadOption() => CommandOptions.Create(
        "--max-payload", "N", "Binary framing: the longest legal payload, 1 to 65535 bytes. Default: 8192.", CommandOptions.Integer(1, MaxPayload));

    public static string Name(FramingKind kind) => Names.Single(choice => choice.Value == kind).Name;

    /// <summary>Makes the framing; options that only the other framing has must be null.</summary>
    public static IFraming Create(FramingKind kind, int? maxPayload = null, TotalLengthRule? totalLength = null)
    {
        if (kind == FramingKind.XmlRaw)
        {
            Forbid("--max-payload", maxPayload is not null);
            Forbid("--total-length", totalLength is not null);
            return XmlFraming.RawChunk();
        }

        var defaults = new BinaryFramingOptions();
        return BinaryFraming.Create(new BinaryFramingOptions
        {
            MaxPayloadLength = maxPayload ?? defaults.MaxPayloadLength,
            TotalLengthRule = totalLength ?? defaults.TotalLengthRule,
        });
    }

    private static void Forbid(string option, bool given)
    {
        if (given)
            throw new UsageException($"{option} applies to --framing binary only");
    }
}
