using System.Globalization;
using System.Runtime.InteropServices;

namespace Framing.Compare;

/// <summary>What the processes of all servers have in common: one server, chosen by its name.</summary>
internal static class EchoProcess
{
    public static async Task<int> RunAsync(string[] args, params (string Name, Func<IEchoServer> Create)[] servers)
    {
        if (args is ["--list"])
        {
            Console.WriteLine(string.Join('\n', servers.Select(s => s.Name)));
            return 0;
        }

        if (args is not [var name] || servers.FirstOrDefault(s => s.Name == name).Create is not { } create)
        {
            Console.Error.WriteLine($"usage: {AppDomain.CurrentDomain.FriendlyName} --list | {string.Join(" | ", servers.Select(s => s.Name))}");
            return 64;
        }

        // Before memory is measured: what is garbage must not count, whoever made it.
        const PosixSignal User1 = (PosixSignal)10;
        using var collect = PosixSignalRegistration.Create(User1, signal =>
        {
            signal.Cancel = true;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        });

        int port = await create().StartAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"listening on 127.0.0.1:{port}"));
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
