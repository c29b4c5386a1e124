using System.Net;
using System.Net.Sockets;

namespace Framing.Integration;

/// <summary>A server of plain sockets, which treats each client as it is told to, and then closes it.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _serving;

    private ScriptedServer(Func<PlainClient, Task> serve)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        EndPoint = _listener.LocalEndPoint!;
        _serving = ServeAsync(serve);
    }

    public EndPoint EndPoint { get; }

    public static ScriptedServer Start(Func<PlainClient, Task> serve) => new(serve);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving.Bounded();
    }

    private async Task ServeAsync(Func<PlainClient, Task> serve)
    {
        List<Task> clients = [];
        try
        {
            while (true)
            {
                clients.Add(ServeAsync(serve, PlainClient.Of(await _listener.AcceptAsync())));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The end.
        }

        await Task.WhenAll(clients);
    }

    private static async Task ServeAsync(Func<PlainClient, Task> serve, PlainClient client)
    {
        using (client)
        {
            try
            {
                await serve(client);
            }
            catch (Exception exception) when (exception is SocketException or EndOfStreamException)
            {
                // The other side left; what that means is the test's to say.
            }
        }
    }
}
