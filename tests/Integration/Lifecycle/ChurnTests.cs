using System.Net.Sockets;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Integration;

[Collection(Alone.Name)]
public abstract class ChurnTests(TestedEngine engine) : EngineTests(engine)
{
    [Theory]
    [InlineData(DeliveryKind.Inline)]
    [InlineData(DeliveryKind.Pull)]
    [InlineData(DeliveryKind.PerConnection)]
    public async Task Two_thousand_clients_come_echo_and_leave_in_every_way_and_nothing_is_left(DeliveryKind delivery)
    {
        const int Cycles = 2000;
        IEngine? engine = null;
        TestServer server = await StartAsync(options =>
        {
            options.Echo(delivery);
            options.EngineFactory = host => engine = EngineSelector.Create(Engine, host);
        });
        int operations = engine!.Operations;
        Task pulling = Echoes.PullAsync(server.Server, delivery);
        await RunAsync(server, 8);
        await AllClosedAsync(8);
        await Eventually.EqualAsync(operations, () => engine!.Operations, "the number of operations");     // a connection's ends just after its notification
        int descriptors = ProcessResources.Descriptors;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => RunAsync(server, Cycles / 8))));

        await AllClosedAsync(Cycles + 8);
        Assert.Equal(Cycles + 8, server.Closed.Count);
        Assert.Equal(Cycles + 8, server.Server.GetStatistics().Accepted);
        Assert.Equal(Cycles + 8, server.Closed.DistinctBy(closed => closed.Connection.Id).Count());
        await Eventually.EqualAsync(operations, () => engine!.Operations, "the number of operations");
        await Eventually.TrueAsync(() => ProcessResources.Descriptors <= descriptors, $"no more than {descriptors} descriptors are open");

        await server.DisposeAsync();
        await pulling.Bounded();
        Assert.Equal(0, engine!.Operations);
        await Eventually.EqualAsync(0, () => server.Server.Pool.RentedCount, "the number of rented buffers");

        // Not only empty: of those who wait for no answer, some may still be on their way in.
        async Task AllClosedAsync(int connections)
        {
            await Eventually.TrueAsync(() => server.Closed.Count >= connections, $"{connections} connections have closed");
            await server.EmptyAsync();
        }
    }

    private static async Task RunAsync(TestServer server, int cycles)
    {
        for (int i = 0; i < cycles; i++)
        {
            using PlainClient client = await server.ConnectAsync();
            byte[] frame = Packets.Make(i % 600, (uint)i);
            await client.SendAsync(frame);
            switch (i % 4)
            {
                case 0:
                    Assert.Equal(frame, await client.ReceiveAsync(frame.Length));
                    break;      // FIN after the echo
                case 1:
                    client.FinishSending();
                    Assert.Equal(frame, await client.ReceiveToEndAsync());
                    break;
                case 2:
                    Assert.Equal(frame, await client.ReceiveAsync(frame.Length));
                    client.Reset();
                    break;
                default:
                    client.Socket.Shutdown(SocketShutdown.Both);
                    break;      // without waiting for the echo
            }
        }
    }
}
