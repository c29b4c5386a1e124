using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Framing.Tool.Parsing;

/// <summary>End points as text: <c>ADDR:PORT</c>, <c>[::1]:PORT</c>, <c>unix:PATH</c>, and host names to connect to.</summary>
internal static class EndPointText
{
    private const string UnixPrefix = "unix:";

    // Of sun_path, without the zero behind it.
    private static readonly int LongestPath = OperatingSystem.IsMacOS() ? 103 : 107;

    /// <summary>Where to listen: an address of this machine; port 0 takes a free one.</summary>
    public static EndPoint ParseListen(string text)
    {
        var endPoint = Parse(text, lowestPort: IPEndPoint.MinPort);
        return endPoint is DnsEndPoint { Host: var host }
            ? throw new UsageException($"'{host}' is not an address: write 127.0.0.1:9000, [::1]:9000 or unix:PATH")
            : endPoint;
    }

    /// <summary>Where to connect to: an address or a host name.</summary>
    public static EndPoint ParseConnect(string text) => Parse(text, lowestPort: 1);

    /// <summary>The same notation back.</summary>
    public static string Format(EndPoint endPoint) => endPoint switch
    {
        UnixDomainSocketEndPoint => UnixPrefix + endPoint,
        DnsEndPoint dns => string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}"),
        _ => endPoint.ToString()!,
    };

    /// <summary>Why a connect failed. What the library says of a name that nobody knows lacks the port.</summary>
    public static string Unreached(EndPoint endPoint, SocketException error) =>
        endPoint is DnsEndPoint && error.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData
            ? $"{Format(endPoint)}: {new SocketException((int)error.SocketErrorCode).Message}"
            : error.Message;

    private static EndPoint Parse(string text, int lowestPort)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
            return ParseUnix(text[UnixPrefix.Length..]);

        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']'))
            throw new UsageException($"'{text}' is not an end point, for its port is missing: write ADDR:PORT, [::1]:PORT or unix:PATH");
        if (colon == 0)
            throw new UsageException($"'{text}' is not an end point: write ADDR:PORT, [::1]:PORT or unix:PATH");
        var host = text[..colon];
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port < lowestPort || port > IPEndPoint.MaxPort)
            throw new UsageException($"'{text[(colon + 1)..]}' is not a port from {lowestPort} to {IPEndPoint.MaxPort}");

        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (bracketed || host.Contains(':'))
        {
            return bracketed && IPAddress.TryParse(host[1..^1], out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6
                ? new IPEndPoint(v6, port)
                : throw new UsageException($"'{text}' is not an IPv6 end point: write [::1]:PORT");
        }

        // "1" is an IPv4 address to the runtime (0.0.0.1), and to nobody else.
        if (IPAddress.TryParse(host, out var v4) && host.Count(c => c == '.') == 3)
            return new IPEndPoint(v4, port);
        return Uri.CheckHostName(host) == UriHostNameType.Dns
            ? new DnsEndPoint(host, port)
            : throw new UsageException($"'{host}' is neither an address nor a host name");
    }

    private static UnixDomainSocketEndPoint ParseUnix(string path)
    {
        if (path.Length == 0)
            throw new UsageException("unix: needs a path");
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new UsageException($"'{path}' has {Encoding.UTF8.GetByteCount(path)} bytes; the path of a UNIX socket has at most {LongestPath}");
        }
    }
}
