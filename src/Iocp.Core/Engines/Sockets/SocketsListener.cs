using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>A listener of the portable engine: the number of its accepts is fixed.</summary>
internal sealed class SocketsListener(SocketsEngine engine, Socket socket, ConnectionOrigin origin)
    : CompletionListener<AcceptOperation>(engine, socket, origin)
{
    protected override AcceptOperation CreateAccept() => new(this);

    protected override bool Issue(AcceptOperation operation)
    {
        try
        {
            return Socket.AcceptAsync(operation);
        }
        catch (ObjectDisposedException)
        {
            operation.Error = SocketError.OperationAborted;
        }
        catch (SocketException exception)
        {
            operation.Error = exception.SocketErrorCode;
        }

        return false;
    }

    protected override CompletionConnection CreateConnection(AcceptOperation operation)
    {
        Socket socket = operation.AcceptSocket!;
        if (!OperatingSystem.IsLinux())
        {
            SocketSettings.Apply(socket, Engine.Host.Options);      // inherited from the listener on Linux
        }

        EndPoint? remote = socket.RemoteEndPoint;
        var connection = new SocketsConnection((SocketsEngine)Engine, Origin, socket, remote);
        operation.AcceptSocket = null;      // the connection's from here on
        return connection;
    }
}
