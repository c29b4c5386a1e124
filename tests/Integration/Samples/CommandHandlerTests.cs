using System.Net;
using System.Text;
using Framing.Testing;
using Iocp.Core;
using Xunit;

namespace Samples;

/// <summary>SET keeps a value for its connection, GET answers with it.</summary>
public sealed class CommandHandler : IFrameHandler
{
    public void OnFrame(Connection connection, Frame frame)
    {
        string command = Encoding.ASCII.GetString(frame.Bytes);
        bool sets = command.StartsWith("SET ", StringComparison.Ordinal);
        if (sets)
        {
            connection.State = command[4..];
        }

        connection.Send(Encoding.ASCII.GetBytes(sets ? "OK\r\n" : $"{connection.State}\r\n"));
    }
}

public sealed class CommandHandlerTests
{
    [Fact]
    public async Task What_was_set_is_got()
    {
        await using InMemoryServer server = await InMemoryServer.StartAsync(new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 9000), Framing = new CommandFraming(lookBack: 1) } },
            Handler = new CommandHandler(),
        });
        InMemoryPeer peer = await server.ConnectAsync();
        await peer.SendAsync("SET 1\r\nGET\r\n"u8.ToArray(), readSize: 1);
        await peer.EndAsync();
        Assert.Equal("OK\r\n1\r\n"u8.ToArray(), await peer.ReceiveToEndAsync());
        Assert.Equal(CloseReason.RemoteClosed, (await peer.Closed).Reason);
    }
}
