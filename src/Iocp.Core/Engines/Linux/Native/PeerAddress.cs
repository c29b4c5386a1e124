using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Linux;

/// <summary>
/// An IPv4 or IPv6 address and port as 16 bytes inside a connection; the end point object is made on request. The default value is no address.
/// </summary>
/// <remarks>IPv4 addresses, also those mapped into IPv6 as a dual-mode listener sees them, need nothing else; an IPv6 address needs an object.</remarks>
internal readonly struct PeerAddress
{
    private readonly IPAddress? _other;     // null: the four bytes are the address
    private readonly uint _fourBytes;       // in the network's order
    private readonly ushort _port;
    private readonly ushort _family;

    private PeerAddress(int family, ushort port, uint fourBytes, IPAddress? other = null)
        => (_family, _port, _fourBytes, _other) = ((ushort)family, port, fourBytes, other);

    /// <summary>From a struct sockaddr; one that is neither IPv4 nor IPv6 gives the default value.</summary>
    public static PeerAddress From(ReadOnlySpan<byte> socketAddress)
    {
        if (socketAddress.Length < 16)
        {
            return default;
        }

        // Family in the machine's byte order, port in the network's: struct sockaddr_in and sockaddr_in6 begin alike.
        int family = MemoryMarshal.Read<ushort>(socketAddress);
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[2..]);
        if (family == Libc.AF_INET)
        {
            return new PeerAddress(family, port, MemoryMarshal.Read<uint>(socketAddress[4..]));
        }

        if (family != Libc.AF_INET6 || socketAddress.Length < 28)
        {
            return default;
        }

        ReadOnlySpan<byte> address = socketAddress.Slice(8, 16);
        uint scope = MemoryMarshal.Read<uint>(socketAddress[24..]);
        return scope == 0 && address.StartsWith(MappedPrefix)
            ? new PeerAddress(family, port, MemoryMarshal.Read<uint>(address[12..]))
            : new PeerAddress(family, port, 0, new IPAddress(address, scope));
    }

    // RFC 4291, section 2.5.5.2
    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    /// <summary>IPv4 or IPv6, and so TCP. False: a UNIX socket.</summary>
    public bool IsTcp => _family != 0;

    public IPEndPoint? ToEndPoint() => (int)_family switch
    {
        Libc.AF_INET => new IPEndPoint(new IPAddress(_fourBytes), _port),
        Libc.AF_INET6 => new IPEndPoint(_other ?? new IPAddress(_fourBytes).MapToIPv6(), _port),
        _ => null,
    };

    /// <summary>Any end point from a struct sockaddr; null: an unnamed UNIX socket, or nothing that we know.</summary>
    public static EndPoint? ToEndPoint(ReadOnlySpan<byte> socketAddress)
    {
        const int pathOffset = 2;
        if (socketAddress.Length <= pathOffset || MemoryMarshal.Read<ushort>(socketAddress) != Libc.AF_UNIX)
        {
            return From(socketAddress).ToEndPoint();
        }

        var native = new SocketAddress(AddressFamily.Unix, socketAddress.Length);
        socketAddress.CopyTo(native.Buffer.Span);
        return new UnixDomainSocketEndPoint("/").Create(native);
    }
}
