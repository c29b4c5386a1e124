using System.Collections.Concurrent;
using System.Threading.Channels;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>A <see cref="FrameClient"/> by any delivery, which keeps the frames of each connection and its close notifications.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Connection, Channel<byte[]>> _received = [];
    private readonly Task _pulling;

    public TestClient(TestedEngine engine, DeliveryKind delivery = DeliveryKind.Inline, Action<FrameClientOptions>? configure = null)
    {
        var options = new FrameClientOptions { Framing = BinaryFraming.Create(), Closed = Closed.Enqueue, ConnectTimeout = Eventually.Limit };
        engine.Configure(options);
        switch (delivery)
        {
            case DeliveryKind.Inline:
                options.Handler = new DelegateHandler((connection, frame) => Keep(connection, frame.Bytes));
                break;
            case DeliveryKind.PerConnection:
                options.ConnectionHandler = async (_, frames, _) => await KeepAsync(frames);
                break;
        }

        configure?.Invoke(options);
        Client = new FrameClient(options);
        _pulling = delivery == DeliveryKind.Pull ? Task.Run(() => KeepAsync(Client.ReceiveAllAsync())) : Task.CompletedTask;
    }

    public FrameClient Client { get; }

    public ConcurrentQueue<ConnectionClosed> Closed { get; } = [];

    /// <summary>The next frame of that connection.</summary>
    public async Task<byte[]> ReceiveAsync(Connection connection) => await FramesOf(connection).Reader.ReadAsync().AsTask().Bounded();

    /// <summary>Sends frames and expects the same back, in order.</summary>
    public async Task EchoAsync(Connection connection, int frames = 20)
    {
        for (uint i = 0; i < frames; i++)
        {
            Assert.Equal(SendStatus.Queued, connection.Send(Packets.Make((int)i * 40, i)).Status);
        }

        for (uint i = 0; i < frames; i++)
        {
            Assert.Equal(Packets.Make((int)i * 40, i), await ReceiveAsync(connection));
        }
    }

    public async Task<ConnectionClosed> OnlyCloseAsync()
    {
        await Eventually.TrueAsync(() => !Closed.IsEmpty, "a close notification came");
        return Assert.Single(Closed);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _pulling.Bounded();
    }

    private Channel<byte[]> FramesOf(Connection connection) => _received.GetOrAdd(connection, _ => Channel.CreateUnbounded<byte[]>());

    private void Keep(Connection connection, ReadOnlySpan<byte> frame) => FramesOf(connection).Writer.TryWrite(frame.ToArray());

    private async Task KeepAsync(IAsyncEnumerable<ReceivedFrame> frames)
    {
        await foreach (ReceivedFrame frame in frames)
        {
            using (frame)
            {
                Keep(frame.Connection, frame.Bytes.Span);
            }
        }
    }
}
