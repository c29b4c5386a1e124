using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>The one send of a connection. Pooled.</summary>
internal sealed class SendOperation() : SocketAsyncEventArgs(true), ISendOperation, IThreadPoolWorkItem
{
    // Pieces in one send; far below the system's limit (IOV_MAX is 1,024 on Linux).
    private const int MaxBuffers = 16;

    // No further piece is added to this many bytes. On Unix the runtime reports a send when all of it has left, so this is also how
    // finely a peer's progress is seen by the send deadline.
    private const int MaxBytes = 65_536;

    private readonly List<ArraySegment<byte>> _gathered = new(MaxBuffers);

    public SocketsConnection? Connection;

    public SocketError Error => SocketError;

    public int Bytes => BytesTransferred;

    public void Gather(ref SendQueue sends, long now)
    {
        sends.Gather(_gathered, MaxBuffers, MaxBytes, now);
        if (_gathered.Count == 1)
        {
            BufferList = null;
            SetBuffer(_gathered[0].Array, _gathered[0].Offset, _gathered[0].Count);
        }
        else
        {
            SetBuffer(null, 0, 0);
            BufferList = _gathered;
        }
    }

    public bool Issue()
    {
        try
        {
            return Connection!.Socket.SendAsync(this);
        }
        catch (ObjectDisposedException)
        {
            SocketError = SocketError.OperationAborted;
        }
        catch (OutOfMemoryException exception)
        {
            // Not to be tried again, as a receive is: a part may have left before the runtime found that it may not watch the socket for the rest.
            Connection!.OnFailed(exception);
            SocketError = SocketError.OperationAborted;
        }

        return false;
    }

    public void Post() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    public void PostLater(SocketError error) => Connection!.Engine.Shortages.Add(this, error);

    public void Return()
    {
        _gathered.Clear();
        BufferList = null;
        SetBuffer(null, 0, 0);
        OperationPool<SendOperation> pool = Connection!.Engine.Sends;
        Connection = null;
        pool.Return(this);
    }

    void IThreadPoolWorkItem.Execute() => Connection!.Send(this, completed: false);

    protected override void OnCompleted(SocketAsyncEventArgs e) => Connection!.Send(this, completed: true);
}
