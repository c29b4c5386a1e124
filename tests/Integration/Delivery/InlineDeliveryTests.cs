using System.Collections.Concurrent;
using Iocp.Core;
using Microsoft.Extensions.Logging;

namespace Framing.Integration;

public abstract class InlineDeliveryTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task Frames_come_in_order_one_at_a_time_and_know_their_index_offset_and_connection()
    {
        var got = new ConcurrentDictionary<Connection, ConcurrentQueue<Got>>();
        int overlaps = 0;
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            ConcurrentQueue<Got> own = got.GetOrAdd(connection, _ => new ConcurrentQueue<Got>());
            if (!Monitor.TryEnter(own))
            {
                Interlocked.Increment(ref overlaps);
                return;
            }

            own.Enqueue(Got.Of(connection, frame));
            Monitor.Exit(own);
        }));

        byte[][] sent = [.. Enumerable.Range(0, 400).Select(i => Packets.Make(i * 53 % 3000, (uint)i))];
        byte[] stream = [.. sent.SelectMany(frame => frame)];
        PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ConnectAsync()));
        await Task.WhenAll(clients.Select((client, i) => client.SendInPiecesAsync(stream, 50_000, i + 1, 1777)));
        await Eventually.TrueAsync(() => got.Count == clients.Length && got.Values.All(own => own.Count == sent.Length), "every frame came");

        foreach ((Connection connection, ConcurrentQueue<Got> own) in got)
        {
            Got.AssertIs(sent, own);
            Assert.Same(connection, own.First().Connection);
        }

        Assert.Equal(0, overlaps);
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task A_handler_that_throws_closes_its_connection_with_what_it_threw()
    {
        var thrown = new InvalidOperationException("the fourth frame");
        int delivered = 0;
        using var journal = new Journal();
        await using TestServer server = await StartAsync(options =>
        {
            options.LoggerFactory = journal;
            options.Handler = new DelegateHandler((connection, frame) =>
            {
                Interlocked.Increment(ref delivered);
                if (frame.Index == 3)
                {
                    throw thrown;
                }

                connection.Send(frame.Bytes);
            });
        });
        using PlainClient client = await server.ConnectAsync();
        byte[] sent = Packets.MakeMany([1, 2, 3, 4, 5, 6]);
        await client.SendAsync(sent);

        // What was answered before still leaves.
        Assert.Equal(Packets.MakeMany([1, 2, 3]), await client.ReceiveToEndAsync());
        client.FinishSending();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.HandlerFailed, closed.Reason);
        Assert.Same(thrown, closed.Error);
        Assert.Equal(1, journal.Count($"Connection {closed.Connection.Id} is closed: HandlerFailed"));
        Assert.Equal(1, journal.Count($"Connection {closed.Connection.Id} with {client.Socket.LocalEndPoint} has closed: HandlerFailed"));
        Assert.Equal(4, delivered);
        await server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task A_handler_that_throws_behind_its_own_close_is_in_the_log()
    {
        using var journal = new Journal();
        await using TestServer server = await StartAsync(options =>
        {
            options.LoggerFactory = journal;
            options.Handler = new DelegateHandler((connection, _) =>
            {
                connection.Close();
                throw new InvalidOperationException("behind the close");
            });
        });
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync(Packets.Make(1));
        Assert.Empty(await client.ReceiveToEndAsync());
        client.FinishSending();
        ConnectionClosed closed = await server.OnlyCloseAsync();
        Assert.Equal(CloseReason.LocalClosed, closed.Reason);
        string late = $"The handler of connection {closed.Connection.Id} threw when that was ending already (LocalClosed)";
        Assert.Equal(1, journal.Count(late, LogLevel.Warning));
        Assert.Equal("behind the close", journal.ExceptionOf(late)!.Message);
    }

    [Fact]
    public async Task Frames_cannot_be_pulled_when_a_handler_was_chosen()
    {
        await using TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
        Assert.Throws<InvalidOperationException>(() => server.Server.TryReceive(out _, out _));
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Server.ReceiveAsync().AsTask());
    }
}
