using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>One accept of a listener.</summary>
internal sealed class AcceptOperation(SocketsListener listener) : SocketAsyncEventArgs(true), IAcceptOperation
{
    public SocketError Error
    {
        get => SocketError;
        set => SocketError = value;
    }

    public nint AcceptedHandle => AcceptSocket!.Handle;

    public CompletionConnection? Held { get; set; }

    public bool Issue()
    {
        try
        {
            return listener.Socket.AcceptAsync(this);
        }
        catch (ObjectDisposedException)
        {
            Error = SocketError.OperationAborted;
        }
        catch (SocketException exception)
        {
            Error = exception.SocketErrorCode;
        }
        catch (OutOfMemoryException)
        {
            Error = SocketError.NoBufferSpaceAvailable;
        }

        return false;
    }

    public CompletionConnection CreateConnection()
    {
        Socket socket = AcceptSocket!;
        if (!SocketOptions.AreInherited(socket.AddressFamily))
        {
            listener.Engine.SocketOptions.Apply(socket);
        }

        var connection = new SocketsConnection(listener.Origin, socket, socket.RemoteEndPoint);
        AcceptSocket = null;        // the connection's from here on
        return connection;
    }

    public void Discard()
    {
        AcceptSocket?.Dispose();
        AcceptSocket = null;
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => listener.OnAcceptCompleted(this);
}
