using System.Net.Sockets;

namespace Iocp.Core.Engines.Sockets;

/// <summary>One accept kept outstanding by a listener; posted again when it completes.</summary>
internal sealed class AcceptOperation(SocketsListener listener) : SocketAsyncEventArgs(true)
{
    /// <summary>Accepted, but there was no room: it waits here, and this accept is not posted, until there is.</summary>
    public SocketsConnection? Held;

    protected override void OnCompleted(SocketAsyncEventArgs e) => listener.OnAcceptCompleted(this);
}
