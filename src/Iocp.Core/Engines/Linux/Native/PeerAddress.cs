using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Linux;

/// <summary>An IPv4 or IPv6 address and port as 24 bytes inside a connection; the end point object is made on request. The default value is no address.</summary>
internal struct PeerAddress
{
    private Bytes _address;
    private uint _scope;
    private ushort _port;
    private ushort _family;

    /// <summary>From a struct sockaddr; one that is neither IPv4 nor IPv6 gives the default value.</summary>
    public static PeerAddress From(ReadOnlySpan<byte> socketAddress)
    {
        var address = default(PeerAddress);
        if (socketAddress.Length < 16)
        {
            return address;
        }

        // Family in the machine's byte order, port in the network's: struct sockaddr_in and sockaddr_in6 begin alike.
        int family = MemoryMarshal.Read<ushort>(socketAddress);
        if (family == Libc.AF_INET)
        {
            socketAddress.Slice(4, 4).CopyTo(address._address);
        }
        else if (family == Libc.AF_INET6 && socketAddress.Length >= 28)
        {
            socketAddress.Slice(8, 16).CopyTo(address._address);
            address._scope = MemoryMarshal.Read<uint>(socketAddress[24..]);
        }
        else
        {
            return address;
        }

        address._family = (ushort)family;
        address._port = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[2..]);
        return address;
    }

    public readonly IPEndPoint? ToEndPoint() => (int)_family switch
    {
        Libc.AF_INET => new IPEndPoint(new IPAddress(((ReadOnlySpan<byte>)_address)[..4]), _port),
        Libc.AF_INET6 => new IPEndPoint(new IPAddress(_address, _scope), _port),
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

    [System.Runtime.CompilerServices.InlineArray(16)]
    private struct Bytes
    {
        private byte _first;
    }
}
