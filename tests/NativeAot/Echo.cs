using System.Net;
using System.Net.Sockets;
using Framing.Binary;
using Framing.Integration;
using Iocp.Core;

namespace Framing.NativeAot;

/// <summary>A server that sends every frame back, and two peers: a plain socket, and our own client.</summary>
internal static class Echo
{
    /// <summary>Whether this machine has the engine: a server says so when it is made.</summary>
    public static async Task<bool> IsHereAsync(EngineKind engine)
    {
        try
        {
            await using var server = new FrameServer(new FrameServerOptions
            {
                Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create() } },
                Engine = engine,
            });
            return true;
        }
        catch (PlatformNotSupportedException)
        {
            return false;
        }
    }

    public static async Task RunAsync(EngineKind engine, IFraming framing, DeliveryKind delivery, byte[] stream, CancellationToken cancellationToken)
    {
        var closed = new TaskCompletionSource<CloseReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = framing } },
            Engine = engine,
            Closed = notification => closed.TrySetResult(notification.Reason),
        };
        options.Echo(delivery);
        await using var server = new FrameServer(options);
        await server.StartAsync(cancellationToken);
        Task pulling = Echoes.PullAsync(server, delivery);

        Check(stream, await ThroughSocketAsync(server.EndPoints[0], stream, cancellationToken));
        CloseReason reason = await closed.Task.WaitAsync(cancellationToken);
        Check(reason == CloseReason.RemoteClosed, $"the connection ended with {reason}");
        Check(stream, await ThroughClientAsync(engine, framing, server.EndPoints[0], stream, cancellationToken));

        await server.StopAsync(cancellationToken);
        await pulling;
    }

    // Cut in the middle of a frame; finishes sending, and reads to the end.
    private static async Task<byte[]> ThroughSocketAsync(EndPoint server, byte[] stream, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        using var network = new NetworkStream(socket);
        await network.WriteAsync(stream.AsMemory(..2), cancellationToken);
        await network.WriteAsync(stream.AsMemory(2..), cancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        using var answer = new MemoryStream();
        await network.CopyToAsync(answer, cancellationToken);
        return answer.ToArray();
    }

    private static async Task<byte[]> ThroughClientAsync(EngineKind engine, IFraming framing, EndPoint server, byte[] stream, CancellationToken cancellationToken)
    {
        await using var client = new FrameClient(new FrameClientOptions { Framing = framing, Engine = engine });
        Connection connection = await client.ConnectAsync(server, cancellationToken: cancellationToken);
        int frame = stream.Length / 3;
        for (int i = 0; i < 3; i++)
        {
            SendResult sent = await connection.SendAsync(stream.AsMemory(i * frame, frame), cancellationToken);
            Check(sent.Status == SendStatus.Queued, $"a send was {sent.Status}");
        }

        using var answer = new MemoryStream();
        while (answer.Length < stream.Length)
        {
            using ReceivedFrame received = await client.ReceiveAsync(cancellationToken);
            answer.Write(received.Bytes.Span);
        }

        return answer.ToArray();
    }

    private static void Check(byte[] expected, byte[] actual)
        => Check(expected.AsSpan().SequenceEqual(actual), $"{Convert.ToHexString(actual)} came back for {Convert.ToHexString(expected)}");

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
