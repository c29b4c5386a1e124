using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>A listener of the portable engine: the number of its accepts is fixed.</summary>
internal sealed class SocketsListener(SocketsEngine engine, Socket socket, ConnectionOrigin origin) : CompletionListener(engine, socket, origin)
{
    protected override IAcceptOperation CreateAccept() => new AcceptOperation(this);
}
