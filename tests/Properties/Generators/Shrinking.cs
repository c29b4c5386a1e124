namespace Framing.Properties.Generators;

/// <summary>Smaller versions of a script: halves of it, then without one step, then with one step made simpler.</summary>
internal static class Shrinking
{
    public static IEnumerable<T[]> Of<T>(T[] steps, Func<T, IEnumerable<T>>? simpler = null)
    {
        if (steps.Length > 2)
        {
            yield return steps[..(steps.Length / 2)];
            yield return steps[(steps.Length / 2)..];
        }

        for (int i = 0; i < steps.Length; i++)
        {
            yield return [.. steps[..i], .. steps[(i + 1)..]];
        }

        for (int i = 0; i < steps.Length && simpler is not null; i++)
        {
            foreach (T step in simpler(steps[i]))
            {
                yield return [.. steps[..i], step, .. steps[(i + 1)..]];
            }
        }
    }

    /// <summary>Numbers on the way to <paramref name="least"/>, the farthest first.</summary>
    public static IEnumerable<int> Of(int number, int least)
    {
        for (int difference = number - least; difference > 0; difference /= 2)
        {
            yield return number - difference;
        }
    }
}
