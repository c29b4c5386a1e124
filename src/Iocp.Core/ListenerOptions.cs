using System.Net;

namespace Iocp.Core;

/// <summary>One listener of a <see cref="FrameServer"/>: where it listens and how its connections are framed.</summary>
public sealed class ListenerOptions
{
    /// <summary>
    /// An <see cref="IPEndPoint"/> (port 0 takes a free port, readable in <see cref="FrameServer.EndPoints"/> after start;
    /// <see cref="IPAddress.IPv6Any"/> accepts IPv4 too, see <see cref="DualMode"/>) or a
    /// <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>, whose file is removed at stop; one that a dead
    /// server left behind is replaced.
    /// </summary>
    public required EndPoint EndPoint { get; init; }

    /// <summary>The framing of every connection accepted here.</summary>
    public required IFraming Framing { get; init; }

    /// <summary>
    /// Connections that the system completes and holds before they are accepted: 1 to 65,535, default 4,096, capped by the
    /// system (on Linux by <c>net.core.somaxconn</c>). The article used 200, which a burst of reconnecting clients overflows.
    /// </summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>Accepts kept outstanding by engines that post them one by one: 1 to 200, default 50; both figures are the article's.</summary>
    public int AcceptsOutstanding { get; init; } = 50;

    /// <summary>Whether a listener on an IPv6 address that stands for all addresses accepts IPv4 clients too. Default: true.</summary>
    public bool DualMode { get; init; } = true;
}
