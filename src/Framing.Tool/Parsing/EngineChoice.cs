using System.CommandLine;
using Iocp.Core;

namespace Framing.Tool.Parsing;

/// <summary>The choice of engine, by the names that the first line of <c>serve</c> uses too.</summary>
internal static class EngineChoice
{
    private static readonly (string Name, EngineKind Value)[] Names =
    [
        ("auto", EngineKind.Auto),
        ("sockets", EngineKind.Sockets),
        ("epoll", EngineKind.Epoll),
        ("iouring", EngineKind.IoUring),
        ("iocp", EngineKind.Iocp),
    ];

    public static Option<EngineKind> Option() => CommandOptions.Create(
        "--engine", "auto|sockets|epoll|iouring|iocp", "What completes reads and writes. Default: auto, the best that this machine has.",
        CommandOptions.OneOf(Names));

    /// <summary>As people write it.</summary>
    public static string Name(EngineKind kind) => kind == EngineKind.IoUring ? "io_uring" : Names.Single(choice => choice.Value == kind).Name;
}
