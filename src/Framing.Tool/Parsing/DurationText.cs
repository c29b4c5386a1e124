using System.Buffers;
using System.Globalization;

namespace Framing.Tool.Parsing;

/// <summary>Durations as people write them: <c>500ms</c>, <c>30s</c>, <c>2m</c>, <c>1.5h</c>.</summary>
internal static class DurationText
{
    private const string Examples = "500ms, 30s, 2m or 1h";

    private static readonly SearchValues<char> NumberDigits = SearchValues.Create("0123456789.");

    // What a timer can wait: the library's own limit.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestSpin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ShortestSpin = TimeSpan.FromMicroseconds(1);

    /// <summary>A duration of 1 ms or more.</summary>
    public static TimeSpan? Parse(string text) => Parse(text, Shortest, Longest, Examples);

    /// <summary>How long a worker may spin: 1 us to 10 ms, or <c>0</c>.</summary>
    public static TimeSpan? ParseSpin(string text) => IsZero(text) ? TimeSpan.Zero : Parse(text, ShortestSpin, LongestSpin, "50us or 1ms, or 0 for none");

    /// <summary>A deadline: a duration, or <c>0</c> for none.</summary>
    public static TimeSpan? ParseDeadline(string text) => IsZero(text) ? Timeout.InfiniteTimeSpan : Parse(text, Shortest, Longest, $"{Examples}, or 0 for none");

    /// <summary>The same notation back.</summary>
    public static string Format(TimeSpan duration) => duration.TotalSeconds switch
    {
        < 0.001 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMicroseconds:0.#}us"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.#}ms"),
        < 86_400 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:0.###}h"),
    };

    private static bool IsZero(string text) => text == "0" || TotalSeconds(text) == 0;

    private static TimeSpan? Parse(string text, TimeSpan shortest, TimeSpan longest, string examples)
    {
        var total = TotalSeconds(text) ?? throw new UsageException($"'{text}' is not a duration: write {examples}");
        if (total < shortest.TotalSeconds || total > longest.TotalSeconds)
            throw new UsageException($"'{text}' is not between {Format(shortest)} and {Format(longest)}");
        return TimeSpan.FromSeconds(total);
    }

    private static double? TotalSeconds(string text)
    {
        var unitAt = text.AsSpan().IndexOfAnyExcept(NumberDigits);
        var (number, unit) = unitAt < 0 ? (text, "") : (text[..unitAt], text[unitAt..]);
        double? seconds = unit switch
        {
            "us" => 0.000_001,
            "ms" => 0.001,
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => null,
        };
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) ? count * seconds : null;
    }
}
