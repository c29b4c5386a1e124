using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>A connection of the completion port.</summary>
internal sealed class IocpConnection : CompletionConnection
{
    private IssueGate _gate;

    /// <param name="engine">Its engine.</param>
    /// <param name="origin">Its origin.</param>
    /// <param name="socket">Associated with the engine's port.</param>
    /// <param name="skips">Whether an operation that succeeds at once posts no packet.</param>
    /// <param name="remoteEndPoint">The peer's address.</param>
    public IocpConnection(IocpEngine engine, ConnectionOrigin origin, Socket socket, bool skips, EndPoint? remoteEndPoint)
        : base(engine, origin, socket, remoteEndPoint)
    {
        Handle = socket.SafeHandle;
        Skips = skips;
    }

    internal new IocpEngine Engine => (IocpEngine)base.Engine;

    internal SafeSocketHandle Handle { get; }

    /// <summary>Whether an operation that succeeds at once posts no packet.</summary>
    internal bool Skips { get; }

    /// <summary>Entered by whoever begins an operation.</summary>
    internal ref IssueGate Gate => ref _gate;

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

    protected override void Cancel()
    {
        _gate.Close();
        CompletionPort.Cancel(Handle);
    }
}
