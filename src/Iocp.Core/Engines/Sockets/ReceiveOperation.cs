using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>The one receive of a connection. Pooled.</summary>
internal sealed class ReceiveOperation() : SocketAsyncEventArgs(true), IReceiveOperation, IThreadPoolWorkItem
{
    public SocketsConnection? Connection;

    public byte[]? Rented { get; set; }

    public bool Resumes { get; set; }

    public SocketError Error => SocketError;

    public int Bytes => BytesTransferred;

    public bool Issue()
    {
        try
        {
            SetBuffer(Rented, 0, Rented?.Length ?? 0);
            return Connection!.Socket.ReceiveAsync(this);
        }
        catch (ObjectDisposedException)
        {
            SocketError = SocketError.OperationAborted;
        }
        catch (OutOfMemoryException)
        {
            // The system's too: the runtime says so when it may watch no further socket (fs.epoll.max_user_watches on Linux).
            SocketError = SocketError.NoBufferSpaceAvailable;
        }

        return false;
    }

    public void Post() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    public void PostLater(SocketError error) => Connection!.Engine.Shortages.Add(this, error);

    public void ReturnBuffer()
    {
        if (Rented is { } rented)
        {
            SetBuffer(null, 0, 0);
            Rented = null;
            Connection!.Host.Pool.Return(rented);
        }
    }

    public void Return()
    {
        ReturnBuffer();
        Resumes = false;
        OperationPool<ReceiveOperation> pool = Connection!.Engine.Receives;
        Connection = null;
        pool.Return(this);
    }

    void IThreadPoolWorkItem.Execute() => Connection!.Read(this, completed: false);

    protected override void OnCompleted(SocketAsyncEventArgs e) => Connection!.Read(this, completed: true);
}
