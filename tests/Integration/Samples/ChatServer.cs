using System.Net;
using System.Text;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Asks everybody for a name, and sends each line to all others.</summary>
public sealed class ChatServer : IAsyncDisposable
{
    private const int LongestName = 32;

    public ChatServer(IPEndPoint endPoint) => Server = new FrameServer(new FrameServerOptions
    {
        Listeners = { new ListenerOptions { EndPoint = endPoint, Framing = new DelimiterFraming() } },
        ConnectionHandler = ChatAsync,
        FirstFrameTimeout = Timeout.InfiniteTimeSpan,       // who only reads is welcome
    });

    public FrameServer Server { get; }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private async Task ChatAsync(Connection connection, IAsyncEnumerable<ReceivedFrame> frames, CancellationToken closed)
    {
        connection.Send("Your name?\n"u8);

        // The frames of a connection can be enumerated once: who takes them one by one keeps the enumerator.
        await using IAsyncEnumerator<ReceivedFrame> lines = frames.GetAsyncEnumerator(closed);
        string? name = await NextAsync(lines);
        while (name is { Length: <= LongestName } && await NextAsync(lines) is { } line)
        {
            byte[] message = Encoding.UTF8.GetBytes($"{name}: {line}\n");
            foreach (Connection other in Server.Connections.Where(other => other != connection))
            {
                switch (other.Send(message).Status)
                {
                    case SendStatus.QueueFull:
                        other.Close(CloseMode.Abortive);    // it does not read: a graceful close would wait for just that
                        break;
                    case SendStatus.Refused:
                        connection.Close();     // with the name in front the line is too long for a frame
                        break;
                }
            }
        }
    }

    private static async ValueTask<string?> NextAsync(IAsyncEnumerator<ReceivedFrame> lines)
    {
        if (!await lines.MoveNextAsync())
        {
            return null;
        }

        using ReceivedFrame line = lines.Current;
        return Encoding.UTF8.GetString(line.Bytes.Span);
    }
}
