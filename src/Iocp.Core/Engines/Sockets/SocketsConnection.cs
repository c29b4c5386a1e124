using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>A connection of the portable engine.</summary>
internal sealed class SocketsConnection : CompletionConnection
{
    public SocketsConnection(ConnectionOrigin origin, Socket socket, EndPoint? remoteEndPoint)
        : base(origin, socket, remoteEndPoint)
    {
        // For receives that are tried without a wait; nothing else of ours could block. Before anybody else knows the socket: its shutdown, on another thread, sets again
        // what it had read before.
        socket.Blocking = false;
    }

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
}
