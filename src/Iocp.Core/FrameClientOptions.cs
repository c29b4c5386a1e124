using System.Net;
using System.Net.Sockets;

namespace Iocp.Core;

/// <summary>Everything that is chosen when a <see cref="FrameClient"/> is made; copied and validated by its constructor.</summary>
public sealed class FrameClientOptions : FrameHostOptions
{
    /// <summary>Options of a client; <see cref="FrameHostOptions.FirstFrameTimeout"/> is off, since a server may well wait for the client to speak.</summary>
    public FrameClientOptions() => FirstFrameTimeout = Timeout.InfiniteTimeSpan;

    /// <summary>The framing of every connection made by this client.</summary>
    public required IFraming Framing { get; init; }

    /// <summary>
    /// How long a connect may take, all addresses of a host name together: each has an equal part of what is left when its turn comes. Default 15 s; up to 24 days, or infinite.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Finds the addresses of a host name.</summary>
    internal Func<string, AddressFamily, CancellationToken, Task<IPAddress[]>> Resolve { get; set; } = Dns.GetHostAddressesAsync;

    internal FrameClientOptions Copy() => (FrameClientOptions)CopyBase();
}
