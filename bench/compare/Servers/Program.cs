using System.Globalization;
using System.Runtime.InteropServices;
using Framing.Compare;
using Iocp.Core;

// A server is a class and a line here. NAME-pull is also compared with NAME; no other ending of a name says anything.
(string Name, Func<IEchoServer> Create)[] servers =
[
    ("iouring", () => new FramingServer(EngineKind.IoUring, pull: false)),
    ("epoll", () => new FramingServer(EngineKind.Epoll, pull: false)),
    ("sockets", () => new FramingServer(EngineKind.Sockets, pull: false)),
    ("iouring-pull", () => new FramingServer(EngineKind.IoUring, pull: true)),
    ("epoll-pull", () => new FramingServer(EngineKind.Epoll, pull: true)),
    ("sockets-pull", () => new FramingServer(EngineKind.Sockets, pull: true)),
    ("kestrel", () => new KestrelServer(inline: false)),
    ("kestrel-inline", () => new KestrelServer(inline: true)),
    ("saea", () => new SaeaServer(inlineCompletions: false)),
    ("saea-inline", () => new SaeaServer(inlineCompletions: true)),
    ("dotnetty", () => new DotNettyServer()),
];

if (args is ["--list"])
{
    Console.WriteLine(string.Join('\n', servers.Select(s => s.Name)));
    return 0;
}

if (args is not [var name] || servers.FirstOrDefault(s => s.Name == name).Create is not { } create)
{
    Console.Error.WriteLine($"usage: Servers --list | {string.Join(" | ", servers.Select(s => s.Name))}");
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
