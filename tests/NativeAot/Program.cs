using Framing.Integration;
using Framing.NativeAot;
using Iocp.Core;

// What the compiler made of the libraries does what they do under the runtime: each engine that this machine has, each framing, each delivery. Ends with a line
// "N passed, N failed (native)".
int passed = 0;
int failed = 0;
List<EngineKind> engines = [];
foreach (EngineKind engine in Enum.GetValues<EngineKind>())
{
    if (await Echo.IsHereAsync(engine))
    {
        engines.Add(engine);
    }
}

Console.WriteLine($"engines: {string.Join(", ", engines)}");
foreach (EngineKind engine in engines)
{
    foreach ((IFraming framing, byte[] stream) in Streams.All)
    {
        foreach (DeliveryKind delivery in Enum.GetValues<DeliveryKind>())
        {
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
                await Echo.RunAsync(engine, framing, delivery, stream, patience.Token);
                passed++;
            }
            catch (Exception exception)
            {
                failed++;
                Console.WriteLine($"FAIL {engine}, {framing.Name}, {delivery}: {exception}");
            }
        }
    }
}

Console.WriteLine($"{passed} passed, {failed} failed (native)");
return failed > 0 ? 1 : 0;
