using System.Net.Sockets;
using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class IocpResetTests() : EngineTests(EngineKind.Iocp)
{
    /// <summary>As ClosingByPeerTests has it, but with the receive outstanding, so that Wine cannot lose the reset: see <see cref="Wine.ReceiveIsOutstandingAsync"/>.</summary>
    [Fact]
    public async Task A_reset_while_a_receive_is_outstanding_is_a_reset()
    {
        await using IocpHeldServer held = await IocpHeldServer.StartAsync(this);
        for (int i = 0; i < 50; i++)
        {
            (PlainClient client, Connection connection) = await held.Server.ConnectBothAsync();
            await client.EchoAsync();
            await Wine.ReceiveIsOutstandingAsync(connection);
            client.Reset();
            ConnectionClosed closed = await held.Server.CloseOfAsync(connection);
            Assert.Equal(CloseReason.RemoteReset, closed.Reason);
            Assert.IsType<SocketException>(closed.Error, exactMatch: false);
        }
    }
}
