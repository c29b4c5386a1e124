using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>
/// The portable engine: SocketAsyncEventArgs on the runtime's thread pool. It has no threads of its own; each completion is a work item
/// of the pool. Operation objects are pooled; an idle connection keeps one outstanding zero-byte receive and no buffer.
/// </summary>
internal sealed class SocketsEngine(FrameHost host)
    : Engine(host, accepts: (host.Options as FrameServerOptions)?.Listeners.Sum(listener => listener.AcceptsOutstanding) ?? 0)
{
    public OperationPool<ReceiveOperation> Receives { get; } = new(4096, static () => new ReceiveOperation());

    public OperationPool<SendOperation> Sends { get; } = new(1024, static () => new SendOperation());

    public ShortageQueue<ITransferOperation> Shortages { get; } = new(host.Logger, static operation => operation.Post());

    protected override EngineListener CreateListener(Socket socket, int index, ConnectionOrigin origin) => new SocketsListener(this, socket, origin);

    protected override async Task<EngineConnection> ConnectAsync(DetachableSocket socket, ConnectionOrigin origin, EndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        await socket.ConnectAsync(remoteEndPoint, cancellationToken).ConfigureAwait(false);
        return new SocketsConnection(origin, socket, remoteEndPoint);
    }

    protected override Task ReleaseAsync()
    {
        Receives.Dispose();
        Sends.Dispose();
        Shortages.Close();
        return Task.CompletedTask;
    }
}
