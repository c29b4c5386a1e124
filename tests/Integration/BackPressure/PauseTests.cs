using System.Collections.Concurrent;
using Iocp.Core;

namespace Framing.Integration;

public abstract class PauseTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task A_pause_inside_OnFrame_takes_effect_at_once()
    {
        int delivered = 0;
        int paused = 0;
        int whilePaused = 0;
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            whilePaused += Volatile.Read(ref paused);
            connection.Send(frame.Bytes);
            Volatile.Write(ref paused, 1);
            connection.PauseReceiving();
            Interlocked.Increment(ref delivered);
        }));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 300).Select(i => Packets.Make(i, (uint)i))];
            Task sending = client.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 20_000, 50);
            for (int i = 1; i <= sent.Length; i++)
            {
                // What was answered leaves although the connection is paused.
                Assert.Equal(sent[i - 1], await client.ReceiveFrameAsync());
                await Eventually.EqualAsync(i, () => Volatile.Read(ref delivered), "frames delivered");
                Volatile.Write(ref paused, 0);
                connection.ResumeReceiving();
            }

            await sending;
        }

        Assert.Equal(0, whilePaused);
    }

    [Fact]
    public async Task A_pause_from_outside_takes_effect_after_the_frame_in_hand()
    {
        var got = new ConcurrentQueue<Got>();
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            if (Packets.Type(frame.Bytes) == 2)
            {
                connection.Send(frame.Bytes);
                return;
            }

            got.Enqueue(Got.Of(connection, frame));
        }));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using PlainClient other = await server.ConnectAsync();
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 20_000).Select(i => Packets.Make(i % 500, (uint)i))];
            Task sending = client.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 100_000, 777);
            for (uint i = 0; i < 100; i++)
            {
                connection.PauseReceiving();
                int then = got.Count;

                // Another connection goes on.
                byte[] mine = Packets.Make(3, i, type: 2);
                await other.SendAsync(mine);
                Assert.Equal(mine, await other.ReceiveFrameAsync());
                Assert.InRange(got.Count, then, then + 1);
                connection.ResumeReceiving();
            }

            await sending;
            await Eventually.EqualAsync(sent.Length, () => got.Count, "frames delivered");
            Got.AssertIs(sent, got);
        }
    }

    [Fact]
    public async Task Pauses_and_resumes_of_several_threads_lose_nothing()
    {
        var got = new ConcurrentQueue<Got>();
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            got.Enqueue(Got.Of(connection, frame));
            connection.PauseReceiving();
        }));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[][] sent = [.. Enumerable.Range(0, 2000).Select(i => Packets.Make(i % 300, (uint)i))];
            Task sending = client.SendInPiecesAsync(sent.SelectMany(frame => frame).ToArray(), 5000, 1, 200);
            Task[] resuming = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
            {
                while (got.Count < sent.Length)
                {
                    connection.ResumeReceiving();
                    await Task.Yield();
                }
            }))];
            await Task.WhenAll(resuming).Bounded();
            await sending;
            Got.AssertIs(sent, got);
        }
    }

    [Fact]
    public async Task The_peers_end_is_seen_after_the_frames_that_a_pause_held_back()
    {
        var got = new ConcurrentQueue<Got>();
        await using TestServer server = await StartAsync(options => options.Handler = new DelegateHandler((connection, frame) =>
        {
            got.Enqueue(Got.Of(connection, frame));
            connection.Send(frame.Bytes);
            if (frame.Index == 0)
            {
                connection.PauseReceiving();
            }
        }));
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            byte[] sent = Packets.MakeMany(Enumerable.Repeat(100, 500));
            await client.SendAsync(sent);
            client.FinishSending();
            Assert.Equal(Packets.Make(100), await client.ReceiveFrameAsync());
            Assert.Single(got);
            Assert.Equal(CloseReason.None, connection.CloseReason);

            connection.ResumeReceiving();
            Assert.Equal(sent[112..], await client.ReceiveToEndAsync());
            Assert.Equal(CloseReason.RemoteClosed, (await server.CloseOfAsync(connection)).Reason);
        }
    }

    [Fact]
    public async Task A_paused_connection_can_be_closed_and_its_answers_arrive_whole()
    {
        byte[] answer = Packets.Make(8000, 5);
        await using TestServer server = await StartAsync(options => options.LingerTimeout = Eventually.Limit);
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            connection.PauseReceiving();
            byte[] unread = Packets.MakeMany(Enumerable.Repeat(8000, 500));
            Task sending = client.SendAsync(unread);
            connection.Send(answer);
            connection.Close();
            Assert.Equal(answer, await client.ReceiveToEndAsync());
            await sending;
            client.FinishSending();
            Assert.Equal(CloseReason.LocalClosed, (await server.CloseOfAsync(connection)).Reason);
            await server.EachClosedOnceAsync();
        }
    }

    [Fact]
    public async Task Pulled_frames_stop_and_go_on_too()
    {
        await using TestServer server = await StartAsync();
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using PlainClient other = await server.ConnectAsync();
        using (client)
        {
            connection.PauseReceiving();
            byte[] held = Packets.Make(10, 1);
            byte[] free = Packets.Make(10, 2);
            await client.SendAsync(held);
            await other.SendAsync(free);
            Assert.Equal(free, Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded()).Bytes);
            Assert.False(server.Server.TryReceive(out _, out _));
            connection.ResumeReceiving();
            Assert.Equal(held, Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded()).Bytes);
        }
    }
}
