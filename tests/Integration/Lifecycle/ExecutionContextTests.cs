using System.Collections.Concurrent;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>Of the execution context (async locals, the current Activity) of whoever made, started or used a host nothing stays in it.</summary>
public abstract class ExecutionContextTests(TestedEngine engine) : EngineTests(engine)
{
    private readonly AsyncLocal<object?> _local = new();

    [Fact]
    public async Task Nothing_of_it_is_kept_while_server_and_client_live()
    {
        byte[] frame = Packets.Make(20);
        // A task of its own: what it sets is set nowhere else, and nothing of it is left on a stack.
        (TestServer server, TestClient client, Connection connection, WeakReference value) = await Task.Run(async () =>
        {
            _local.Value = new object();
            TestServer server = await StartAsync(options => options.Handler = new EchoHandler());
            var client = new TestClient(Tested);
            Connection connection = await client.Client.ConnectAsync(server.EndPoint).Bounded();
            connection.Send(frame);
            await Eventually.EqualAsync(frame.Length, () => connection.BytesReceived, "the number of bytes");
            return (server, client, connection, new WeakReference(_local.Value));
        });
        await using (server)
        await using (client)
        {
            await Eventually.TrueAsync(
                () =>
                {
                    GC.Collect();
                    return !value.IsAlive;
                },
                "nobody keeps the value");
            Assert.Equal(frame, await client.ReceiveAsync(connection));
            await client.EchoAsync(connection);
        }
    }

    [Theory]
    [InlineData(DeliveryKind.Inline)]
    [InlineData(DeliveryKind.PerConnection)]
    public async Task No_callback_meets_it(DeliveryKind delivery)
    {
        var met = new ConcurrentQueue<(string Callback, object? Value)>();
        void Meet(string callback) => met.Enqueue((callback, _local.Value));

        // Everything but an 'X' is a frame of one byte; that begins one which never ends, so a deadline closes the connection.
        var framing = new BrokenFraming(
            unread =>
            {
                Meet("Decode");
                return DecodeResult.NeedMore(unread.Length + 1);
            },
            () => Meet("Dispose"),
            _ =>
            {
                Meet("CreateDecoder");
                return true;
            });
        await using TestServer server = await Task.Run(() =>
        {
            _local.Value = new object();
            return StartAsync(
                options =>
                {
                    options.FrameTimeout = TimeSpan.FromMilliseconds(1);
                    options.Closed = _ => Meet("Closed");
                    if (delivery == DeliveryKind.Inline)
                    {
                        options.Handler = new DelegateHandler((_, _) => Meet("OnFrame"));
                    }
                    else
                    {
                        options.ConnectionHandler = async (_, frames, closed) =>
                        {
                            Meet("ConnectionHandler");
                            closed.UnsafeRegister(_ => Meet("closed"), null);       // which does not bring the handler's own
                            await foreach (ReceivedFrame frame in frames)
                            {
                                frame.Dispose();
                                Meet("frames");
                            }
                        };
                    }
                },
                framing);
        });
        using PlainClient client = await server.ConnectAsync();
        await client.SendAsync("a"u8.ToArray());
        await client.SendAsync("X"u8.ToArray());
        await client.ExpectEndAsync();
        client.Dispose();
        Assert.Equal(CloseReason.FrameTimeout, (await server.OnlyCloseAsync()).Reason);

        HashSet<string> expected = ["CreateDecoder", "Decode", "Dispose", "Closed", .. delivery == DeliveryKind.Inline ? ["OnFrame"] : new[] { "ConnectionHandler", "closed", "frames" }];
        await Eventually.TrueAsync(() => expected.SetEquals(met.Select(one => one.Callback)), "every callback has come");
        Assert.All(met, one => Assert.Null(one.Value));
    }
}
