using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// The Windows engine: one completion port, and workers that take its completions in batches. Operations and their native blocks are pooled; an idle connection keeps one outstanding zero-byte receive and no buffer.
/// </summary>
internal sealed class IocpEngine : Engine
{
    public IocpEngine(FrameHost host)
        : base(host, accepts: 0)    // no descriptors, so no reserve of them
    {
        Port = new CompletionPort(host);
        Receives = new OperationPool<ReceiveOperation>(4096, () => new ReceiveOperation(Port));
        Sends = new OperationPool<SendOperation>(1024, () => new SendOperation(Port));
    }

    public CompletionPort Port { get; }

    public OperationPool<ReceiveOperation> Receives { get; }

    public OperationPool<SendOperation> Sends { get; }

    protected override EngineListener CreateListener(Socket socket, int index, ConnectionOrigin origin) => new IocpListener(this, socket, origin);

    protected override async Task<EngineConnection> ConnectAsync(DetachableSocket socket, ConnectionOrigin origin, EndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        if (remoteEndPoint is UnixDomainSocketEndPoint)
        {
            // ConnectEx knows no UNIX sockets; a plain connect, on this machine, is over at once.
            await Task.Run(() => socket.Connect(remoteEndPoint), cancellationToken).ConfigureAwait(false);
            Port.Associate(socket.SafeHandle);
        }
        else
        {
            if (!socket.IsBound)
            {
                // ConnectEx asks for a bound socket.
                SocketFactory.BindForConnect(socket, new IPEndPoint(remoteEndPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
            }

            using var connect = new ConnectOperation(this, socket);
            await connect.RunAsync(remoteEndPoint, cancellationToken).ConfigureAwait(false);
        }

        return new IocpConnection(origin, socket, remoteEndPoint);
    }

    protected override async Task ReleaseAsync()
    {
        Receives.Dispose();
        Sends.Dispose();
        await Task.Run(Port.Dispose).ConfigureAwait(false);     // on the pool: this may be a worker, which cannot wait for itself
    }
}
