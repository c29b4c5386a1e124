using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>One AcceptEx of a listener.</summary>
internal sealed unsafe class AcceptOperation(IocpListener listener) : Operation(listener.Port, 2 * AddressLength), IAcceptOperation
{
    private const int AddressLength = 128 + 16;     // the longest socket address, and 16 more, as AcceptEx asks

    private SafeSocketHandle? _accepted;

    public IocpListener Listener => listener;

    public SocketError Error { get; set; }

    public nint AcceptedHandle => _accepted!.DangerousGetHandle();

    public CompletionConnection? Held { get; set; }

    protected override bool IsOwnerClosed => listener.Gate.IsClosed;

    public bool Issue()
    {
        if (!listener.Gate.TryEnter())
        {
            Error = SocketError.OperationAborted;
            return false;
        }

        listener.AddOutstanding(1);
        try
        {
            SocketError error = Call();
            if (error == SocketError.Success)
            {
                return true;    // from here on another thread may have it
            }

            Error = error;
        }
        catch (OutOfMemoryException)
        {
            Error = SocketError.NoBufferSpaceAvailable;     // nothing was begun: there was none for the socket
        }
        finally
        {
            listener.Gate.Exit();
        }

        listener.AddOutstanding(-1);
        return false;
    }

    public CompletionConnection CreateConnection()
    {
        IocpEngine engine = listener.Engine;
        Socket socket = Take();
        try
        {
            engine.Port.Associate(socket.SafeHandle);
            engine.SocketOptions.Apply(socket);
            EndPoint? remote = listener.EndPoint is IPEndPoint ? RemoteEndPoint() : socket.RemoteEndPoint;
            return new IocpConnection(listener.Origin, socket, remote);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Discard()
    {
        _accepted?.Dispose();
        _accepted = null;
    }

    public override void Complete(int bytes)
    {
        Error = Result(listener.Handle);
        listener.OnAcceptCompleted(this);
    }

    // Success: outstanding.
    private SocketError Call()
    {
        SafeSocketHandle socket = listener.Handle;
        AddressFamily family = listener.Options.EndPoint.AddressFamily;

        // WSASocketW takes Windows' own numbers: 2 and 23 for IP, 1 for UNIX, which AddressFamily has too; stream is 1, TCP 6.
        _accepted = new SafeSocketHandle(Ws2_32.WSASocketW((int)family, 1, family == AddressFamily.Unix ? 0 : 6, null, 0, Ws2_32.Overlapped | Ws2_32.NoHandleInherit), true);
        if (_accepted.IsInvalid)
        {
            return (SocketError)Marshal.GetLastPInvokeError();
        }

        uint bytes;
        bool added = false;
        try
        {
            socket.DangerousAddRef(ref added);
            Marshal.SetLastSystemError(0);
            int done = ((delegate* unmanaged<nint, nint, void*, uint, uint, uint, uint*, Overlapped*, int>)listener.AcceptEx)(
                socket.DangerousGetHandle(), _accepted.DangerousGetHandle(), Payload, 0, AddressLength, AddressLength, &bytes, Begin());
            int error = done != 0 ? 0 : Marshal.GetLastSystemError();
            if (error is 0 or Ws2_32.IoPending)
            {
                return SocketError.Success;     // the listener does not skip: its completion comes by the port either way
            }

            End();
            Discard();
            return (SocketError)error;
        }
        finally
        {
            if (added)
            {
                socket.DangerousRelease();
            }
        }
    }

    // The accepted socket, with the listener's properties. As AcceptEx leaves it, "the socket sAcceptSocket does not inherit the properties of the socket
    // associated with sListenSocket parameter until SO_UPDATE_ACCEPT_CONTEXT is set on the socket", and takes few calls more than send and receive:
    // neither getpeername nor shutdown (AcceptEx, Remarks). So a socket on which this fails is of no use.
    private Socket Take()
    {
        nint handle = listener.Handle.DangerousGetHandle();
        if (Ws2_32.setsockopt(_accepted!, (int)SocketOptionLevel.Socket, Ws2_32.UpdateAcceptContext, &handle, sizeof(nint)) != 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        var accepted = new Socket(_accepted!);
        _accepted = null;
        return accepted;
    }

    // The client's address, which AcceptEx has written behind the block: known even when the client has left since.
    private EndPoint RemoteEndPoint()
    {
        byte* localAddress;
        byte* remoteAddress;
        int localLength, remoteLength;
        ((delegate* unmanaged<void*, uint, uint, uint, byte**, int*, byte**, int*, void>)listener.GetAcceptExSockaddrs)(
            Payload, 0, AddressLength, AddressLength, &localAddress, &localLength, &remoteAddress, &remoteLength);
        var address = new SocketAddress(listener.EndPoint.AddressFamily, remoteLength);
        new ReadOnlySpan<byte>(remoteAddress, remoteLength).CopyTo(address.Buffer.Span);
        return listener.EndPoint.Create(address);
    }
}
