using System.Net;
using System.Net.Sockets;
using System.Text;
using FsCheck.Xunit;
using Iocp.Core.Engines.Linux;
using Xunit;

namespace Framing.Properties.Engines;

/// <summary>The address kept in 16 bytes is the one that the system gave.</summary>
public class PeerAddressProperties
{
    [Property]
    public void An_IPv4_end_point_survives(uint address, ushort port) => Survives(new IPEndPoint(new IPAddress(address), port));

    [Property]
    public void An_IPv6_end_point_survives(long high, long low, ushort port, byte scope)
    {
        byte[] bytes = [.. BitConverter.GetBytes(high), .. BitConverter.GetBytes(low)];
        Survives(new IPEndPoint(new IPAddress(bytes, scope), port));
    }

    [Property]
    public void An_IPv4_end_point_that_a_dual_mode_socket_sees_survives(uint address, ushort port)
        => Survives(new IPEndPoint(new IPAddress(address).MapToIPv6(), port));

    [Fact]
    public void A_UNIX_socket_has_its_path_and_an_unnamed_one_nothing()
    {
        var named = new UnixDomainSocketEndPoint("/tmp/x.sock");
        Assert.Equal(named.ToString(), PeerAddress.ToEndPoint(Native(named))!.ToString());
        Assert.Null(PeerAddress.ToEndPoint([1, 0]));
        Assert.Null(PeerAddress.From([1, 0]).ToEndPoint());
        Assert.Null(default(PeerAddress).ToEndPoint());
    }

    [Theory]
    [InlineData(107)]
    [InlineData(108)]
    public void A_UNIX_socket_may_have_the_longest_path(int length)
    {
        string path = "/" + new string('x', length - 1);
        Assert.Equal(path, PeerAddress.ToEndPoint([1, 0, .. Encoding.ASCII.GetBytes(path), 0])!.ToString());
    }

    private static void Survives(IPEndPoint endPoint) => Assert.Equal(endPoint, PeerAddress.From(Native(endPoint)).ToEndPoint());

    private static byte[] Native(EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Buffer[..address.Size].ToArray();
    }
}
