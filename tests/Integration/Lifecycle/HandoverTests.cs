using System.Net.Sockets;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>A server that takes nobody any more serves who is there, while its successor listens; and one can wait until nobody is left.</summary>
public abstract class HandoverTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task Who_is_connected_is_served_on_while_a_successor_has_the_port()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler(), endPoint: OwnAddress());
        using PlainClient client = await server.ConnectAsync();
        await client.EchoAsync();
        await server.Server.StopAcceptingAsync().Bounded();
        SocketException refused = await Eventually.RefusedAsync(() => server.ConnectAsync());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);

        await using FrameServer successor = Successor(server);
        await Eventually.SucceedsAsync<ListenException>(() => successor.StartAsync());      // see Eventually.RefusedAsync
        using (PlainClient later = await server.ConnectAsync())
        {
            await later.EchoAsync();
        }

        await successor.WhenEmptyAsync().Bounded();
        await client.EchoAsync();
        Task empty = server.Server.WhenEmptyAsync();
        Assert.False(empty.IsCompleted);
        await server.Server.StopAcceptingAsync().Bounded();     // the second time nothing happens
        client.Dispose();
        await empty.Bounded();
        Assert.Single(server.Closed);
        await server.Server.StopAsync().Bounded();
        await server.Server.StopAcceptingAsync().Bounded();
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task Who_waits_for_room_is_dropped_when_the_accepting_stops()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.Handler = new EchoHandler();
            options.MaxConnections = 1;
        });
        using PlainClient served = await server.ConnectAsync();
        await served.EchoAsync();
        using PlainClient waiting = await server.ConnectAsync();
        await server.Server.StopAcceptingAsync().Bounded();
        try
        {
            await waiting.ExpectEndAsync();
        }
        catch (SocketException)
        {
            // It was still in the backlog: reset.
        }

        await served.EchoAsync();
        served.Dispose();
        await server.Server.WhenEmptyAsync().Bounded();
        Assert.Equal(1, server.Server.GetStatistics().Accepted);
    }

    [Fact]
    public async Task Behind_a_stop_the_wait_is_for_handlers_and_notifications()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (_, _, _) => await goOn.Task);
        using (PlainClient client = await server.ConnectAsync())
        {
            await server.OnlyConnectionAsync();
            await server.Server.StopAsync(new CancellationToken(canceled: true)).Bounded();
        }

        Task empty = server.Server.WhenEmptyAsync(), another = server.Server.WhenEmptyAsync();
        using (var impatient = new CancellationTokenSource())
        {
            Task given = server.Server.WhenEmptyAsync(impatient.Token);
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.Bounded());
        }

        Assert.False(empty.IsCompleted || another.IsCompleted);
        Assert.Empty(server.Closed);
        goOn.SetResult();
        await Task.WhenAll(empty, another).Bounded();
        Assert.Single(server.Closed);
        await server.Server.WhenEmptyAsync().Bounded();
    }

    [Fact]
    public async Task Before_the_start_there_is_nothing_to_stop_or_wait_for()
    {
        await using TestServer other = await StartAsync(options => options.Handler = new EchoHandler(), endPoint: OwnAddress());
        await other.Server.StopAcceptingAsync().Bounded();
        await using FrameServer server = Successor(other);
        await server.StopAcceptingAsync().Bounded();
        await server.WhenEmptyAsync().Bounded();
        await Eventually.SucceedsAsync<ListenException>(() => server.StartAsync());
        using PlainClient client = await other.ConnectAsync();
        await client.EchoAsync();
    }

    private FrameServer Successor(TestServer server)
    {
        var options = new FrameServerOptions { Handler = new EchoHandler(), Listeners = { new ListenerOptions { EndPoint = server.EndPoint, Framing = BinaryFraming.Create() } } };
        Tested.Configure(options);
        return new FrameServer(options);
    }
}
