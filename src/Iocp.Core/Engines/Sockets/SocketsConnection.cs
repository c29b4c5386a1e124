using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>A connection of the portable engine.</summary>
internal sealed class SocketsConnection(ConnectionOrigin origin, Socket socket, EndPoint? remoteEndPoint)
    : CompletionConnection(origin, WithoutBlocking(socket), remoteEndPoint)
{
    internal new SocketsEngine Engine => (SocketsEngine)base.Engine;

    protected override IReceiveOperation RentReceive()
    {
        ReceiveOperation operation = Engine.Receives.Rent();
        operation.Connection = this;
        return operation;
    }

    protected override ISendOperation RentSend()
    {
        SendOperation operation = Engine.Sends.Rent();
        operation.Connection = this;
        return operation;
    }

    // Reads do not wait; nothing else of ours could block. Before anybody else knows the socket: its shutdown, on another thread, sets again what it had read before. And
    // before the connection counts, for it may fail.
    private static Socket WithoutBlocking(Socket socket)
    {
        socket.Blocking = false;
        return socket;
    }
}
