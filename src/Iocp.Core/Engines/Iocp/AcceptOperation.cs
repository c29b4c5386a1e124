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

    /// <summary>Success: outstanding.</summary>
    public SocketError Issue(SafeSocketHandle socket, nint acceptEx, AddressFamily family)
    {
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
            int done = ((delegate* unmanaged<nint, nint, void*, uint, uint, uint, uint*, Overlapped*, int>)acceptEx)(
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

    /// <summary>
    /// The accepted socket, with the listener's properties. As AcceptEx leaves it, "the socket sAcceptSocket does not inherit the properties of the socket
    /// associated with sListenSocket parameter until SO_UPDATE_ACCEPT_CONTEXT is set on the socket", and takes few calls more than send and receive:
    /// neither getpeername nor shutdown (AcceptEx, Remarks). So a socket on which this fails is of no use.
    /// </summary>
    /// <exception cref="SocketException">It failed; the socket is still to be discarded.</exception>
    public Socket Take(SafeSocketHandle socket)
    {
        nint handle = socket.DangerousGetHandle();
        if (Ws2_32.setsockopt(_accepted!, (int)SocketOptionLevel.Socket, Ws2_32.UpdateAcceptContext, &handle, sizeof(nint)) != 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        var accepted = new Socket(_accepted!);
        _accepted = null;
        return accepted;
    }

    /// <summary>The client's address, which AcceptEx has written behind the block: known even when the client has left since.</summary>
    public EndPoint RemoteEndPoint(nint getAcceptExSockaddrs, EndPoint listener)
    {
        byte* local;
        byte* remote;
        int localLength, remoteLength;
        ((delegate* unmanaged<void*, uint, uint, uint, byte**, int*, byte**, int*, void>)getAcceptExSockaddrs)(
            Payload, 0, AddressLength, AddressLength, &local, &localLength, &remote, &remoteLength);
        var address = new SocketAddress(listener.AddressFamily, remoteLength);
        new ReadOnlySpan<byte>(remote, remoteLength).CopyTo(address.Buffer.Span);
        return listener.Create(address);
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
}
