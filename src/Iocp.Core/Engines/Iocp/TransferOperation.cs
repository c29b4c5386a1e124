using System.Net.Sockets;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one receive or the one send of a connection.</summary>
internal abstract unsafe class TransferOperation(CompletionPort port, int payloadLength) : Operation(port, payloadLength), ITransferOperation
{
    public IocpConnection? Connection;

    public SocketError Error { get; private set; }

    public int Bytes { get; private set; }

    protected override bool IsOwnerClosed => Connection is { } connection && connection.Gate.IsClosed;

    public bool Issue()
    {
        IocpConnection connection = Connection!;
        if (!connection.Gate.TryEnter())
        {
            Error = SocketError.OperationAborted;
            return false;
        }

        try
        {
            uint bytes = 0;
            bool done = Call(connection.Handle, &bytes) == 0;
            int error = done ? 0 : Marshal.GetLastPInvokeError();
            if (error == Ws2_32.IoPending || (done && !connection.Skips))
            {
                return true;
            }

            End();

            // "Too many outstanding overlapped I/O requests" (WSASend, WSARecv): these sockets do not block for another reason.
            SetResult((SocketError)error is SocketError.WouldBlock ? SocketError.NoBufferSpaceAvailable : (SocketError)error, (int)bytes);
            return false;
        }
        finally
        {
            connection.Gate.Exit();
        }
    }

    public void Post() => Port.Post(this);

    public void PostLater(SocketError error) => Port.Shortages.Add(this, error);

    public sealed override void Complete(int bytes)
    {
        SetResult(Result(Connection!.Handle), bytes);
        OnCompleted(Connection);
    }

    public abstract void Return();

    /// <summary>Begins the operation and gives it to the system; 0: done already, else the last error says what.</summary>
    protected abstract int Call(SafeSocketHandle socket, uint* bytes);

    protected abstract void OnCompleted(IocpConnection connection);

    private void SetResult(SocketError error, int bytes)
    {
        Error = error;
        Bytes = error == SocketError.Success ? bytes : 0;       // nothing of one that failed was transferred
    }
}
