using System.Globalization;
using Framing.Fuzz;
using Iocp.Core;
using SharpFuzz;

// Framing.Fuzz TARGET             what afl-fuzz starts
// Framing.Fuzz TARGET INPUT...    runs inputs once, without a fuzzer: to see a finding again
if (args.Length == 0 || !Targets.All.TryGetValue(args[0], out Func<IFraming[]>? make))
{
    Console.Error.WriteLine($"usage: Framing.Fuzz TARGET [INPUT...]; TARGET is one of {string.Join(", ", Targets.All.Keys)}");
    return 2;
}

Lazy<IFraming[]> framings = new(make);
if (args.Length == 1)
{
    Fuzzer.Run(stream =>
    {
        using MemoryStream input = new();
        stream.CopyTo(input);
        Harness.Run(framings.Value, input.GetBuffer().AsSpan(0, (int)input.Length));
    });
    return 0;
}

foreach (string path in args[1..])
    Harness.Run(framings.Value, File.ReadAllBytes(path));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{args.Length - 1} inputs, nothing found"));
return 0;
