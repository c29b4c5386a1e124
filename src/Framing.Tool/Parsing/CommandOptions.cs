using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Framing.Tool.Parsing;

/// <summary>Makes options whose errors are one clear line: which option, which value, what is allowed.</summary>
internal static class CommandOptions
{
    /// <summary>An option with one value; absent gives the default of <typeparamref name="T"/>.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="value">What stands for the value in the help text.</param>
    /// <param name="help">The help text. It names the default as people write it: the parser knows of none, and so shows none of its own.</param>
    /// <param name="parse">Throws <see cref="UsageException"/> with what is wrong.</param>
    public static Option<T> Create<T>(string name, string value, string help, Func<string, T> parse) =>
        new(name)
        {
            HelpName = value,
            Description = help,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Parse(result, name, parse),
        };

    /// <summary>An option that must be given.</summary>
    public static Option<T> Required<T>(string name, string value, string help, Func<string, T> parse)
    {
        var option = Create(name, value, help, parse);
        option.Required = true;
        return option;
    }

    /// <summary>An option that may be given several times; absent gives none.</summary>
    public static Option<T[]?> Many<T>(string name, string value, string help, Func<string, T> parse) =>
        new(name)
        {
            HelpName = value,
            Description = help,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                var values = new T[result.Tokens.Count];
                for (var i = 0; i < values.Length; i++)
                {
                    if (!TryParse(result, name, result.Tokens[i].Value, parse, out values[i]!))
                        return null;
                }

                return values;
            },
        };

    /// <summary>A flag.</summary>
    public static Option<bool> Flag(string name, string help) => new(name) { Description = help, Arity = ArgumentArity.Zero };

    /// <summary>What the library makes of options. One that passed the command line but that the library refuses is told in the library's words.</summary>
    public static T Accepted<T>(Func<T> create)
    {
        try
        {
            return create();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message.Split(" (Parameter '")[0]);        // what follows is the runtime's, and says nothing new
        }
    }

    /// <summary>A parser of whole numbers in a range, both ends included.</summary>
    public static Func<string, T?> Integer<T>(T min, T max)
        where T : struct, IBinaryInteger<T> =>
        text => T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a whole number from {min} to {max}"));

    /// <summary>A parser of names.</summary>
    public static Func<string, T> OneOf<T>(params (string Name, T Value)[] choices) =>
        text =>
        {
            foreach (var (name, value) in choices)
            {
                if (name == text)
                    return value;
            }

            throw new UsageException($"'{text}' is none of {string.Join(", ", choices.Select(choice => choice.Name))}");
        };

    private static T? Parse<T>(ArgumentResult result, string name, Func<string, T> parse) =>
        TryParse(result, name, result.Tokens[0].Value, parse, out var value) ? value : default;

    private static bool TryParse<T>(ArgumentResult result, string name, string text, Func<string, T> parse, out T? value)
    {
        try
        {
            value = parse(text);
            return true;
        }
        catch (UsageException e)
        {
            result.AddError($"{name}: {e.Message}");
            value = default;
            return false;
        }
    }
}
