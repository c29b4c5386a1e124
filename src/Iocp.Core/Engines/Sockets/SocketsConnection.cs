using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>A connection of the portable engine.</summary>
internal sealed class SocketsConnection(ConnectionOrigin origin, Socket socket, EndPoint? remoteEndPoint)
    : CompletionConnection(origin, socket, remoteEndPoint)
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
}
