using System.CommandLine;
using Framing.Binary;
using Framing.Xml;
using Iocp.Core;

namespace Framing.Tool.Parsing;

internal enum FramingKind
{
    Binary,
    XmlRaw,
    XmlDocument,
}

/// <summary>What was asked for beside the kind; null: the library's default. Each applies to one kind only.</summary>
internal readonly record struct FramingLimits
{
    public int? MaxPayload { get; init; }
    public TotalLengthRule? TotalLength { get; init; }
    public bool Messages { get; init; }
    public int? MaxMessage { get; init; }
    public int? MaxDocument { get; init; }
    public int? MaxDepth { get; init; }
}

/// <summary>The choice of framing, the same in every command.</summary>
internal static class FramingChoice
{
    /// <summary>The longest payload that the field of the header can state.</summary>
    public const int MaxPayload = ushort.MaxValue;

    // With a header for each byte of it, the message can still be counted: the library's own limit.
    private static readonly int MaxMessage = Array.MaxLength / (PacketHead.Size + 1);

    private const string Kinds = "binary|xml-raw|xml-document";

    private static readonly (string Name, FramingKind Value)[] Names =
        [("binary", FramingKind.Binary), ("xml-raw", FramingKind.XmlRaw), ("xml-document", FramingKind.XmlDocument)];

    public static Option<FramingKind> Option() => CommandOptions.Create(
        "--framing", Kinds, "How frames are found in the stream. Default: binary.", CommandOptions.OneOf(Names));

    /// <summary>The option where <c>--header</c> is another way to say it.</summary>
    public static Option<FramingKind?> OptionBesideHeader(string help = "How frames are found in the stream.") => CommandOptions.Create(
        "--framing", Kinds, help, text => (FramingKind?)CommandOptions.OneOf(Names)(text));

    /// <summary>The same, where neither need be given.</summary>
    public static Option<FramingKind?> OptionBesideHeaderOrBinary() => OptionBesideHeader("How frames are found in the stream. Default: binary, without --header.");

    /// <summary>What <see cref="OptionBesideHeaderOrBinary"/> comes to.</summary>
    public static FramingKind? KindOrBinary(FramingKind? kind, string? file) => kind is null && file is null ? FramingKind.Binary : kind;

    public static Option<int?> MaxPayloadOption() => CommandOptions.Create(
        "--max-payload", "N", "Binary framing: the longest legal payload, 1 to 65535 bytes. Default: 8192.", CommandOptions.Integer(1, MaxPayload));

    public static Option<int?> MaxMessageOption() => CommandOptions.Create(
        "--max-message", "N", "With --messages: the longest legal message, 1 to 165191045 bytes. Default: 1048576.", CommandOptions.Integer(1, MaxMessage));

    public static Option<int?> MaxDocumentOption() => CommandOptions.Create(
        "--max-document", "N", "XML documents: the longest legal one, 4 to 2147483591 bytes. Default: 1048576.", CommandOptions.Integer(4, Array.MaxLength));

    public static Option<int?> MaxDepthOption() => CommandOptions.Create(
        "--max-depth", "N", "XML documents: the most elements open at once, 1 to 65536. Default: 256.", CommandOptions.Integer(1, 65_536));

    public static Option<TotalLengthRule?> TotalLengthOption() => CommandOptions.Create(
        "--total-length", "RULE", "Binary framing: at-least-current, non-negative, equals-current or ignored. Default: at-least-current.",
        CommandOptions.OneOf<TotalLengthRule?>(
            ("at-least-current", TotalLengthRule.AtLeastCurrent),
            ("non-negative", TotalLengthRule.NonNegative),
            ("equals-current", TotalLengthRule.EqualsCurrent),
            ("ignored", TotalLengthRule.Ignored)));

    public static string Name(FramingKind kind) => Names.Single(choice => choice.Value == kind).Name;

    /// <summary>Makes the framing; limits that only another framing has must be null.</summary>
    public static IFraming Create(FramingKind kind, FramingLimits limits = default)
    {
        RequireApplicable(kind, limits);
        return kind switch
        {
            FramingKind.XmlRaw => XmlFraming.RawChunk(),
            FramingKind.XmlDocument => CreateDocument(limits),
            _ => CreateBinary(limits),
        };
    }

    /// <summary>The layout in the file that was given instead of a framing, if one was. It states its own limits.</summary>
    public static HeaderLayout? Layout(FramingKind? kind, string? file, FramingLimits limits)
    {
        if (kind is not null && file is not null)
            throw new UsageException("give only one of --framing and --header");
        if (kind is null && file is null)
            throw new UsageException("give exactly one of --framing and --header");
        if (file is null)
            return null;
        if (limits.MaxPayload is not null)
            throw new UsageException("--max-payload applies to --framing binary only; the file of --header states its own, as maxPayloadLength");
        RequireApplicable(null, limits);
        return LayoutFile.Read(file);
    }

    /// <summary>Makes the framing of the kind, or of the layout if there is one.</summary>
    public static IFraming Create(FramingKind? kind, HeaderLayout? layout, FramingLimits limits) => layout is null ? Create(kind!.Value, limits) : new LayoutFraming(layout);

    private static IFraming CreateBinary(FramingLimits limits)
    {
        var defaults = new BinaryFramingOptions();
        var options = new BinaryFramingOptions
        {
            MaxPayloadLength = limits.MaxPayload ?? defaults.MaxPayloadLength,
            TotalLengthRule = limits.TotalLength ?? defaults.TotalLengthRule,
            MaxMessageLength = limits.MaxMessage ?? defaults.MaxMessageLength,
        };
        return limits.Messages ? new MessageFraming(options) : BinaryFraming.Create(options);
    }

    private static XmlDocumentFraming CreateDocument(FramingLimits limits)
    {
        var defaults = new XmlDocumentOptions();
        return XmlFraming.Document(new XmlDocumentOptions
        {
            MaxDocumentLength = limits.MaxDocument ?? defaults.MaxDocumentLength,
            MaxDepth = limits.MaxDepth ?? defaults.MaxDepth,
        });
    }

    private static void RequireApplicable(FramingKind? kind, FramingLimits limits)
    {
        Require(kind, FramingKind.Binary, "--max-payload", limits.MaxPayload is not null);
        Require(kind, FramingKind.Binary, "--total-length", limits.TotalLength is not null);
        Require(kind, FramingKind.Binary, "--messages", limits.Messages);
        if (limits.MaxMessage is not null && !limits.Messages)
            throw new UsageException("--max-message applies with --messages only");
        if (limits.Messages && limits.TotalLength is not (null or TotalLengthRule.AtLeastCurrent))
            throw new UsageException("--messages allows no --total-length but at-least-current");
        Require(kind, FramingKind.XmlDocument, "--max-document", limits.MaxDocument is not null);
        Require(kind, FramingKind.XmlDocument, "--max-depth", limits.MaxDepth is not null);
    }

    private static void Require(FramingKind? kind, FramingKind only, string option, bool given)
    {
        if (given && kind != only)
            throw new UsageException($"{option} applies to --framing {Name(only)} only");
    }
}
