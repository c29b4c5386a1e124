using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>A connection of the completion port, with which its socket is associated already.</summary>
internal sealed class IocpConnection(ConnectionOrigin origin, Socket socket, EndPoint? remoteEndPoint)
    : CompletionConnection(origin, socket, remoteEndPoint)
{
    internal new IocpEngine Engine => (IocpEngine)base.Engine;

    internal SafeSocketHandle Handle { get; } = socket.SafeHandle;

    /// <summary>Whether an operation that succeeds at once posts no packet.</summary>
    internal bool Skips { get; } = CompletionPort.SkipOnSuccess(socket.SafeHandle);

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

    protected override void Cancel() => CompletionPort.Cancel(Handle);
}
