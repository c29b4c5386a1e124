using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Compare;

/// <summary>Ours: the options' defaults, but for one worker, since the server has one processor.</summary>
internal sealed class FramingServer(EngineKind engine, bool pull) : IEchoServer, IFrameHandler
{
    private const int Consumers = 2;

    private FrameServer? _server;

    public async Task<int> StartAsync()
    {
        _server = new FrameServer(new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create() } },
            Engine = engine,
            Workers = 1,
            Handler = pull ? null : this,
        });
        await _server.StartAsync();
        for (int i = 0; pull && i < Consumers; i++)
            _ = Task.Run(() => ConsumeAsync(_server));
        return ((IPEndPoint)_server.EndPoints[0]).Port;
    }

    public void OnFrame(Connection connection, Frame frame) => connection.Send(frame.Bytes);

    private static async Task ConsumeAsync(FrameServer server)
    {
        await foreach (ReceivedFrame frame in server.ReceiveAllAsync())
        {
            using (frame)
            {
                if (frame.Connection.Send(frame.Bytes).Status == SendStatus.QueueFull)
                    await frame.Connection.SendAsync(frame.Bytes);
            }
        }
    }
}
