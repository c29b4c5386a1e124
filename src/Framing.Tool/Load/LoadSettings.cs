using System.Net;
using Framing.Tool.Parsing;
using Iocp.Core;

namespace Framing.Tool.Load;

/// <summary>What was asked for.</summary>
internal sealed record LoadSettings
{
    public required EndPoint Target { get; init; }
    public required FramingKind Framing { get; init; }

    /// <summary>That framing, with the limits of our own end.</summary>
    public required IFraming ClientFraming { get; init; }
    public required EngineKind Engine { get; init; }
    public required int Connections { get; init; }

    /// <summary>Whether the connections are only held: one message when all are open, and one again after the duration.</summary>
    public required bool Hold { get; init; }

    /// <summary>Messages in flight on each connection, at most.</summary>
    public required int Depth { get; init; }

    /// <summary>Bytes of payload in a message.</summary>
    public required int Payload { get; init; }
    public required TimeSpan Duration { get; init; }

    /// <summary>Messages a second over all connections; null: as fast as the echoes come.</summary>
    public required int? Rate { get; init; }

    /// <summary>Whether messages leave in random small pieces.</summary>
    public required bool Split { get; init; }
}
