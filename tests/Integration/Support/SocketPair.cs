using System.Net;
using System.Net.Sockets;

namespace Framing.Integration;

/// <summary>Two plain sockets that are connected to each other.</summary>
internal sealed class SocketPair : IDisposable
{
    public SocketPair()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Peer.Connect(listener.LocalEndPoint!);
        Socket = listener.Accept();
    }

    public Socket Socket { get; }

    public Socket Peer { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public void Dispose()
    {
        Socket.Dispose();
        Peer.Dispose();
    }
}
