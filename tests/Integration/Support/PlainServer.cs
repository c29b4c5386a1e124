using System.Net;
using System.Net.Sockets;

namespace Framing.Integration;

/// <summary>A listener of plain sockets, not of our own code path.</summary>
internal sealed class PlainServer : IDisposable
{
    private readonly Socket _listener;

    public PlainServer(EndPoint? endPoint = null, int backlog = 512)
    {
        endPoint ??= new IPEndPoint(IPAddress.Loopback, 0);
        _listener = endPoint.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(endPoint);
        _listener.Listen(backlog);
        EndPoint = _listener.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    public Socket Listener => _listener;

    public async Task<PlainClient> AcceptAsync() => PlainClient.Of(await _listener.AcceptAsync().Bounded());

    /// <summary>Accepts, and sends back every byte, until disposed.</summary>
    public async Task EchoAsync()
    {
        try
        {
            while (true)
            {
                _ = EchoAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    public void Dispose() => _listener.Dispose();

    private static async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            byte[] buffer = new byte[8192];
            try
            {
                int count;
                while ((count = await socket.ReceiveAsync(buffer)) > 0)
                {
                    for (int sent = 0; sent < count;)
                    {
                        sent += await socket.SendAsync(buffer.AsMemory(sent, count - sent));
                    }
                }
            }
            catch (SocketException)
            {
                // Reset by the client.
            }
        }
    }
}
