using System.Net.Sockets;
using Iocp.Core.Engines.Iocp;

namespace Framing.Integration.Engines;

/// <summary>Which sockets may skip the port: all that Windows itself provides, and nothing that is no socket of a provider.</summary>
public sealed class IocpProviderTests
{
    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public void A_socket_of_the_system_is_a_file_handle(AddressFamily family)
    {
        using var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        Assert.True(Ws2_32.HasFileHandle(socket.SafeHandle));
    }

    [Fact]
    public void What_no_provider_knows_is_not()
    {
        using var other = new ManualResetEvent(false);
        using var socket = new SafeSocketHandle(other.SafeWaitHandle.DangerousGetHandle(), ownsHandle: false);
        Assert.False(Ws2_32.HasFileHandle(socket));
    }
}
