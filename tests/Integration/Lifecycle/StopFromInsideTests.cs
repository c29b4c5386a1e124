using Iocp.Core;

namespace Framing.Integration;

/// <summary>Stop and dispose wait for no code of the application's, and so may be called from all of it.</summary>
public abstract class StopFromInsideTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_OnFrame_a_stop_only_begins_and_what_was_answered_still_leaves(bool dispose)
    {
        TestServer? server = null;
        Exception? failure = null;
        var returned = new Signal();
        await using TestServer started = server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            connection.Send(frame.Bytes);
            failure = Record.Exception(() => Assert.True((dispose ? server!.DisposeAsync().AsTask() : server!.Server.StopAsync()).Wait(Eventually.Limit)));
            returned.Set();
        }));
        using PlainClient client = await server.ConnectAsync();
        using PlainClient bystander = await server.ConnectAsync();
        await Eventually.EqualAsync(2, () => server.Server.ConnectionCount, "the number of connections");
        await client.SendAsync(Packets.Make(5));

        await returned.WaitAsync();
        Assert.Null(failure);
        Assert.Equal(Packets.Make(5), await client.ReceiveToEndAsync());
        client.Dispose();
        await bystander.ExpectEndAsync();
        bystander.Dispose();
        await server.Server.StopAsync().Bounded();
        await server.DisposeAsync();
        await server.EmptyAsync();
        Assert.Equal(2, server.Closed.Count);
        Assert.All(server.Closed, closed => Assert.Equal(CloseReason.ServerStopping, closed.Reason));
        Assert.Equal(0, server.Server.Pool.RentedCount);
    }

    [Fact]
    public async Task From_OnFrame_the_accepting_only_begins_to_stop()
    {
        TestServer? server = null;
        Exception? failure = null;
        await using TestServer started = server = await StartAsync(
            options => options.Handler = new DelegateHandler((connection, frame) =>
            {
                failure = Record.Exception(() => Assert.True(server!.Server.StopAcceptingAsync().Wait(Eventually.Limit)));
                connection.Send(frame.Bytes);
            }),
            endPoint: OwnAddress());
        using PlainClient client = await server.ConnectAsync();
        await client.EchoAsync();
        Assert.Null(failure);
        await server.Server.StopAcceptingAsync().Bounded();
        await Eventually.RefusedAsync(() => server.ConnectAsync());
        await client.EchoAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_a_close_notification(bool dispose)
    {
        TestServer? server = null;
        var stopped = new Signal();
        await using TestServer started = server = await StartAsync(options => options.Closed = _ =>
        {
            (dispose ? server!.DisposeAsync().AsTask() : server!.Server.StopAsync()).Wait();
            stopped.Set();
        });
        using (await server.ConnectAsync())
        {
            await server.OnlyConnectionAsync();
        }

        await stopped.WaitAsync();
        await server.EmptyAsync();
        Assert.Equal(CloseReason.RemoteClosed, Assert.Single(server.Closed).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_a_connection_handler(bool dispose)
    {
        TestServer? server = null;
        var stopped = new Signal();
        await using TestServer started = server = await StartAsync(options => options.ConnectionHandler = async (_, frames, closed) =>
        {
            await foreach (ReceivedFrame frame in frames)
            {
                await (dispose ? server!.DisposeAsync().AsTask() : server!.Server.StopAsync(CancellationToken.None));
                Assert.True(closed.IsCancellationRequested);
                stopped.Set();
            }
        });
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.Make(5));
        await client.ExpectEndAsync();
        client.Dispose();

        await stopped.WaitAsync();
        Assert.Equal(CloseReason.ServerStopping, (await server.OnlyCloseAsync()).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_a_pull_consumer_that_holds_a_frame(bool dispose)
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        Task<byte[]> consuming = Task.Run(async () =>
        {
            using ReceivedFrame frame = await server.Server.ReceiveAsync();
            await (dispose ? server.DisposeAsync().AsTask() : server.Server.StopAsync());
            return frame.Bytes.ToArray();
        });
        await client.SendAsync(Packets.Make(5));
        await client.ExpectEndAsync();
        client.Dispose();

        Assert.Equal(Packets.Make(5), await consuming.Bounded());
        Assert.Equal(CloseReason.ServerStopping, (await server.OnlyCloseAsync()).Reason);
    }

    [Fact]
    public async Task A_stop_waits_for_no_consumer()
    {
        await using TestServer server = await StartAsync();
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.MakeMany([1, 2]));
        await Eventually.EqualAsync(2, () => server.Server.GetStatistics().ReceiveQueueFrames, "frames queued");
        using ReceivedFrame held = await server.Server.ReceiveAsync().AsTask().Bounded();
        Task stopping = server.Server.StopAsync();
        await client.ExpectEndAsync();
        client.Dispose();
        await stopping.Bounded();
        Assert.Empty(server.Closed);    // its second frame was not taken
    }

    [Fact]
    public async Task A_stop_waits_for_no_blocked_connection_handler()
    {
        var running = new Signal();
        var release = new Signal();
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (_, _, _) =>
        {
            running.Set();
            await release.WaitAsync();
        });
        using PlainClient client = await server.ConnectAsync();
        await running.WaitAsync();
        Task stopping = server.Server.StopAsync();
        await client.ExpectEndAsync();
        client.Dispose();
        await stopping.Bounded();

        Assert.Empty(server.Closed);    // the notification follows the end of the handler
        release.Set();
        Assert.Equal(CloseReason.ServerStopping, (await server.OnlyCloseAsync()).Reason);
    }

    [Fact]
    public async Task A_stop_waits_for_no_blocked_notification()
    {
        var running = new Signal();
        var release = new Signal();
        await using TestServer server = await StartAsync(options => options.Closed = _ =>
        {
            running.Set();
            release.WaitAsync().Wait();
        });
        using (await server.ConnectAsync())
        {
            await server.OnlyConnectionAsync();
        }

        await running.WaitAsync();
        await server.Server.StopAsync().Bounded();
        Assert.Equal(1, server.Server.ConnectionCount);
        release.Set();
        await server.EmptyAsync();
    }
}
