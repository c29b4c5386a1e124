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

    public void Discard()
    {
        AcceptSocket?.Dispose();
        AcceptSocket = null;
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => listener.OnAcceptCompleted(this);
}
