using System.Runtime.CompilerServices;
using Iocp.Core;

namespace Framing.Integration;

public abstract class ConnectionHandlerTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task A_server_that_speaks_first_greets_before_a_byte_came()
    {
        byte[] greeting = Packets.Make(30, 7);
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, _) =>
        {
            connection.Send(greeting);
            await foreach (ReceivedFrame frame in frames)
            {
                frame.Dispose();
            }
        });
        using PlainClient client = await server.ConnectAsync();
        Assert.Equal(greeting, await client.ReceiveFrameAsync());
    }

    [Fact]
    public async Task A_conversation_is_a_loop()
    {
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, closed) =>
        {
            await foreach (ReceivedFrame frame in frames.WithCancellation(closed))
            {
                using (frame)
                {
                    await connection.SendAsync(frame.Bytes, closed);
                }
            }
        });
        using PlainClient client = await server.ConnectAsync();
        for (int i = 0; i < 100; i++)
        {
            byte[] question = Packets.Make(i * 80, (uint)i);
            await client.SendAsync(question);
            Assert.Equal(question, await client.ReceiveFrameAsync());
        }

        byte[] many = Packets.MakeMany(Enumerable.Range(0, 300));
        Task sending = client.SendInPiecesAsync(many, 4000, 3);
        Assert.Equal(many, await client.ReceiveAsync(many.Length));
        await sending;
    }

    [Fact]
    public async Task Frames_know_their_index_offset_and_connection_and_end_with_the_peers_sending()
    {
        var all = new TaskCompletionSource<(Connection Connection, List<Got> Got)>(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] farewell = Packets.Make(9, 9);
        bool cancelledByHalfClose = false;
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, closed) =>
        {
            List<Got> got = [];
            await foreach (ReceivedFrame frame in frames)
            {
                got.Add(Got.Take(frame));
            }

            cancelledByHalfClose = closed.IsCancellationRequested;
            connection.Send(farewell);
            all.SetResult((connection, got));
        });
        (PlainClient client, Connection accepted) = await server.ConnectBothAsync();
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 100).Select(i => Packets.Make(i * 11, (uint)i))];
            await client.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 1500, 2);
            client.FinishSending();
            Assert.Equal(farewell, await client.ReceiveToEndAsync());

            (Connection connection, List<Got> got) = await all.Task.Bounded();
            Assert.Same(accepted, connection);
            Assert.Same(accepted, got[0].Connection);
            Got.AssertIs(sent, got);
            Assert.False(cancelledByHalfClose);
            Assert.Equal(CloseReason.RemoteClosed, (await server.CloseOfAsync(connection)).Reason);
        }
    }

    [Fact]
    public async Task A_handler_that_ends_closes_and_what_it_sent_arrives()
    {
        byte[] last = Packets.MakeMany(Enumerable.Repeat(8000, 100));
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, _, closed) => await connection.SendAsync(last, closed));
        using PlainClient client = await server.ConnectAsync();
        Assert.Equal(last, await client.ReceiveToEndAsync());
        client.FinishSending();
        Assert.Equal(CloseReason.LocalClosed, (await server.OnlyCloseAsync()).Reason);
        await server.EachClosedOnceAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_that_throws_closes_its_connection_with_what_it_threw(bool atOnce)
    {
        var thrown = new InvalidOperationException("no");
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, _) =>
        {
            if (atOnce)
            {
                throw thrown;
            }

            await foreach (ReceivedFrame frame in frames)
            {
                connection.Send(Got.Take(frame).Bytes);
                throw thrown;
            }
        });
        using PlainClient client = await server.ConnectAsync();
        byte[] sent = Packets.Make(5);
        await client.SendAsync(sent);
        Assert.Equal(atOnce ? [] : sent, await client.ReceiveToEndAsync());
        client.FinishSending();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.HandlerFailed, closed.Reason);
        Assert.Same(thrown, closed.Error);
        await server.EachClosedOnceAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_whose_scheduler_takes_no_more_costs_its_connection_and_holds_up_no_stop(bool byFrame)
    {
        var schedulers = new ConcurrentExclusiveSchedulerPair();
        var waiting = new Signal();
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = (_, frames, _) => Task.Factory.StartNew(
            async () =>
            {
                await using IAsyncEnumerator<ReceivedFrame> enumerator = frames.GetAsyncEnumerator(CancellationToken.None);
                ValueTask<bool> next = enumerator.MoveNextAsync();
                waiting.Set();
                await next;
            },
            CancellationToken.None,
            TaskCreationOptions.None,
            schedulers.ExclusiveScheduler).Unwrap());
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using PlainClient mine = client;
        await waiting.WaitAsync();
        schedulers.Complete();
        await schedulers.Completion.Bounded();      // the handler waits: it is on the scheduler no more
        if (byFrame)
        {
            await client.SendAsync(Packets.Make(1));
            await Eventually.EqualAsync(CloseReason.HandlerFailed, () => connection.CloseReason, "why the connection is closing");
            client.FinishSending();
            Assert.IsType<TaskSchedulerException>((await server.OnlyCloseAsync()).Error);
        }

        await server.Server.StopAsync(new CancellationToken(canceled: true)).Bounded();
        await server.EmptyAsync();
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task A_handler_that_throws_when_the_peer_has_finished_is_in_the_log_and_one_that_heeds_its_token_is_not()
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var journal = new Journal();
        await using TestServer server = await StartAsync(options =>
        {
            options.LoggerFactory = journal;
            options.ConnectionHandler = async (_, frames, closed) =>
            {
                await foreach (ReceivedFrame frame in frames)
                {
                    using (frame)
                    {
                        if (frame.Bytes.Length > 12)
                        {
                            waits.SetResult();
                            await Task.Delay(Timeout.Infinite, closed);
                        }
                    }
                }

                throw new InvalidOperationException("behind the last frame");
            };
        });
        (PlainClient finishing, Connection finished) = await server.ConnectBothAsync();
        using (finishing)
        {
            await finishing.SendAsync(Packets.Make(0));
            finishing.FinishSending();
            Assert.Equal(CloseReason.RemoteClosed, (await server.CloseOfAsync(finished)).Reason);
        }

        (PlainClient waiting, Connection waited) = await server.ConnectBothAsync();
        using (waiting)
        {
            await waiting.SendAsync(Packets.Make(1));
            await waits.Task.Bounded();
            waited.Close();
            waiting.FinishSending();
            Assert.Equal(CloseReason.LocalClosed, (await server.CloseOfAsync(waited)).Reason);
        }

        Assert.Equal(1, journal.Count($"The handler of connection {finished.Id} threw when that was ending already (RemoteClosed)"));
        Assert.Equal(0, journal.Count($"The handler of connection {waited.Id} threw when that was ending already (LocalClosed)"));
    }

    [Fact]
    public async Task A_handler_that_returns_no_task_is_told_apart_from_one_that_failed()
    {
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = (_, _, _) => null!);
        using PlainClient client = await server.ConnectAsync();
        Assert.Empty(await client.ReceiveToEndAsync());
        client.FinishSending();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.HandlerFailed, closed.Reason);
        Assert.Contains("returned null", Assert.IsType<InvalidOperationException>(closed.Error).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_token_is_cancelled_when_either_side_closes_and_the_notification_follows_the_handlers_end(bool peer)
    {
        if (peer)
        {
            Wine.SkipLostReset(Engine);
        }

        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, closed) =>
        {
            using (closed.Register(() => cancelled.SetResult()))
            {
                await mayEnd.Task;
            }

            await foreach (ReceivedFrame frame in frames)
            {
                frame.Dispose();
            }

            throw new InvalidOperationException("too late to be the reason");
        });
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            if (peer)
            {
                await Wine.ReceiveIsOutstandingAsync(connection);
                client.Reset();
            }
            else
            {
                connection.Close();
                client.FinishSending();
            }

            await cancelled.Task.Bounded();
            await Eventually.TrueAsync(() => connection.IsReleased, "the connection was released");
            Assert.Empty(server.Closed);
            mayEnd.SetResult();
            Assert.Equal(peer ? CloseReason.RemoteReset : CloseReason.LocalClosed, (await server.CloseOfAsync(connection)).Reason);
            await server.EachClosedOnceAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_of_the_applications_own_ends_a_wait_for_frames_and_the_rest_is_the_handlers_affair(bool caught)
    {
        using var own = new CancellationTokenSource();
        byte[] farewell = Packets.Make(9, 9);
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, closed) =>
        {
            try
            {
                await foreach (ReceivedFrame frame in frames.WithCancellation(own.Token))
                {
                    connection.Send(Got.Take(frame).Bytes);
                }
            }
            catch (OperationCanceledException) when (caught && !closed.IsCancellationRequested)
            {
                connection.Send(farewell);      // it is open
            }
        });
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            await client.EchoAsync();
            await Eventually.TrueAsync(() => Waits(connection.Stream!), "the handler waits for the next frame");
            await own.CancelAsync();

            Assert.Equal(caught ? farewell : [], await client.ReceiveToEndAsync());
            client.FinishSending();
            ConnectionClosed closed = await server.OnlyCloseAsync();
            Assert.Equal(caught ? CloseReason.LocalClosed : CloseReason.HandlerFailed, closed.Reason);
            Assert.Equal(caught ? null : own.Token, (closed.Error as OperationCanceledException)?.CancellationToken);
            await server.EachClosedOnceAsync();
        }
    }

    [Fact]
    public async Task Frames_that_wait_when_the_applications_own_token_is_cancelled_are_given_back_at_the_handlers_end()
    {
        using var own = new CancellationTokenSource();
        var here = new Signal();
        var refused = new TaskCompletionSource<Exception?[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = async (connection, frames, _) =>
        {
            await here.WaitAsync();
            IAsyncEnumerator<ReceivedFrame> all = frames.GetAsyncEnumerator(own.Token);
            await all.MoveNextAsync();
            connection.Send(Got.Take(all.Current).Bytes);
            await own.CancelAsync();
            refused.SetResult([await Record.ExceptionAsync(() => all.MoveNextAsync().AsTask()), await Record.ExceptionAsync(() => all.MoveNextAsync().AsTask())]);
        });
        using PlainClient client = await server.ConnectAsync();
        byte[] first = Packets.Make(100);
        await client.SendAsync(first);
        await client.SendAsync(Packets.MakeMany([3000, 8000]));
        await Eventually.EqualAsync(3, () => server.Server.GetStatistics().FramesReceived, "the number of frames");
        here.Set();

        Assert.All(await refused.Task.Bounded(), exception => Assert.Equal(own.Token, Assert.IsAssignableFrom<OperationCanceledException>(exception).CancellationToken));
        Assert.Equal(first, await client.ReceiveToEndAsync());
        client.FinishSending();
        Assert.Equal(CloseReason.LocalClosed, (await server.OnlyCloseAsync()).Reason);
        await server.DisposeAsync();        // which keeps leases for later frames
        Assert.Equal(0, server.Server.Pool.RentedCount);
    }

    [Fact]
    public async Task The_frames_of_a_connection_are_enumerated_once()
    {
        var second = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(options => options.ConnectionHandler = (_, frames, closed) =>
        {
            frames.GetAsyncEnumerator(closed);
            second.SetResult(Record.Exception(() => frames.GetAsyncEnumerator(closed)));
            return Task.CompletedTask;
        });
        using PlainClient client = await server.ConnectAsync();
        Assert.IsType<InvalidOperationException>(await second.Task.Bounded());
    }

    // That the handler waits is seen from outside in no other way.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_waiting")]
    private static extern ref bool Waits(FrameStream stream);
}
