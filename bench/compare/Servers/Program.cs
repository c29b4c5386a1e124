using Framing.Compare;
using Iocp.Core;

// A server is a class and a line here. NAME-pull is also compared with NAME; NAME-native is in NativeServer; no other ending of a name says anything.
return await EchoProcess.RunAsync(args,
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
    ("dotnetty", () => new DotNettyServer()));
