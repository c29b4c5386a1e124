using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one receive or the one send of a connection.</summary>
internal abstract unsafe class TransferOperation(CompletionPort port, int payloadLength) : Operation(port, payloadLength)
{
    public IocpConnection? Connection;
    public SocketError Error;
    public int Bytes;

    protected override bool IsOwnerClosed => Connection is { IsClosed: true };

    /// <summary>True: outstanding. False: done, with <see cref="Error"/> and <see cref="Bytes"/>.</summary>
    public bool Issue(SafeSocketHandle socket, bool skips)
    {
        uint bytes;
        bool done = Call(socket, &bytes) == 0;
        int error = done ? 0 : Marshal.GetLastPInvokeError();
        if (error == Ws2_32.IoPending || (done && !skips))
        {
            return true;
        }

        End();
        Error = (SocketError)error;
        Bytes = (int)bytes;
        return false;
    }

    public sealed override void Complete(int bytes)
    {
        Error = Result(Connection!.Handle);
        Bytes = bytes;
        OnCompleted(Connection);
    }

    /// <summary>Begins the operation and gives it to the system; 0: done already, else the last error says what.</summary>
    protected abstract int Call(SafeSocketHandle socket, uint* bytes);

    protected abstract void OnCompleted(IocpConnection connection);
}
