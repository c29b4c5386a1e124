using System.Globalization;
using System.Text;

namespace Framing.Tool.Dissect;

/// <summary>Values as Lua source, and names as Wireshark has them.</summary>
internal static class Lua
{
    private const int LongestFilterName = 60;

    /// <summary>A string literal. Every byte that could mean something to Lua is written as its number: a name may be anything.</summary>
    public static string Text(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b < 128 && (char.IsAsciiLetterOrDigit((char)b) || " _.,:;'()<>=+-*/".Contains((char)b, StringComparison.Ordinal)))
                literal.Append((char)b);
            else if (b is < 32 or 127)
                literal.Append('?');        // Wireshark ends a name at NUL, and shows names in one line
            else
                literal.Append(CultureInfo.InvariantCulture, $"\\{b:000}");
        }

        return literal.Append('"').ToString();
    }

    /// <summary>A number of up to 64 bits and its sign as the pair that the script calculates with.</summary>
    public static string Number(Int128 value)
        => string.Create(CultureInfo.InvariantCulture, $"{{ {value >> 32}, {value & uint.MaxValue} }}");

    /// <summary>A name for display filters: <c>TotalLength</c> is <c>total_length</c>; whatever is no letter or digit only separates.</summary>
    public static string FilterName(string name)
    {
        var filter = new StringBuilder();
        var previous = ' ';
        foreach (var c in name.Take(LongestFilterName))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                var begins = !char.IsAsciiLetterOrDigit(previous) || (char.IsAsciiLetterUpper(c) && char.IsAsciiLetterLower(previous));
                filter.Append(begins && filter.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(c));
            }

            previous = c;
        }

        return filter.Length > 0 ? filter.ToString() : "field";
    }
}
