using Framing.Compare;
using Iocp.Core;

// Ours, compiled before it runs.
return await EchoProcess.RunAsync(args,
    ("iouring-native", () => new FramingServer(EngineKind.IoUring, pull: false)),
    ("epoll-native", () => new FramingServer(EngineKind.Epoll, pull: false)));
