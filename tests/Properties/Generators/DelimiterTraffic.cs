using Framing.Binary;
using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Generators;

/// <summary>Delimiters that have beginnings and ends in common, and a stream made of their pieces, all from one seed.</summary>
public sealed class DelimiterTraffic
{
    private static readonly string[][] s_delimiters =
    [
        ["\r\n", "\n"], ["\n"], ["\0"], ["--"], ["aab"], ["aabaab"], ["abab"], ["\r\n\r\n"], ["b", "ab", "aab"], ["aa", "ab", "bab"], ["abc", "bcd", "cda", "dab"],
        ["a", "b", "c", "d", "e", "f", "g", "h"], ["aaaaaaab", "aaab"], ["xay", "yax"], ["\u00FF\u00FE", "\u00FEa"],
    ];

    private readonly int _seed;

    public DelimiterTraffic(int seed)
    {
        _seed = seed;
        Random random = new(seed);
        string[] delimiters = s_delimiters[random.Next(s_delimiters.Length)];
        Options = new DelimiterFramingOptions
        {
            Delimiters = [.. delimiters.OrderBy(_ => random.Next()).Select(delimiter => new ReadOnlyMemory<byte>(Latin1(delimiter)))],
            MaxPayloadLength = new[] { 1, 2, 5, 30, 8192 }[random.Next(5)],
            KeepDelimiter = random.Next(2) == 0,
            SkipEmpty = random.Next(2) == 0,
        };
        List<byte> bytes = [];
        for (int pieces = random.Next(0, 40); pieces > 0; pieces--)
        {
            byte[] delimiter = Latin1(delimiters[random.Next(delimiters.Length)]);
            bytes.AddRange(random.Next(5) switch
            {
                0 or 1 => delimiter,
                2 => delimiter[..random.Next(delimiter.Length + 1)],
                3 => [delimiter[random.Next(delimiter.Length)]],
                _ => Enumerable.Repeat((byte)'.', random.Next(1, random.Next(10) == 0 ? 300 : 6)),
            });
        }

        Bytes = [.. bytes];
    }

    public DelimiterFramingOptions Options { get; }

    public byte[] Bytes { get; }

    public override string ToString()
        => $"seed {_seed}: {string.Join(" ", Options.Delimiters.Select(each => Convert.ToHexString(each.Span)))}, max {Options.MaxPayloadLength}, keep {Options.KeepDelimiter}, skip {Options.SkipEmpty}, {Convert.ToHexString(Bytes)}";

    public List<string> Expected() => DelimiterReference.Run(Options, Bytes);

    private static byte[] Latin1(string text) => [.. text.Select(character => (byte)character)];
}

/// <summary>Registered with <c>[Properties(Arbitrary = ...)]</c>.</summary>
public static class DelimiterTraffics
{
    public static Arbitrary<DelimiterTraffic> Any() => Arb.From(Gen.Choose(0, int.MaxValue - 1).Select(seed => new DelimiterTraffic(seed)));
}
