using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>The one send of a connection. Pooled.</summary>
internal sealed class SendOperation() : SocketAsyncEventArgs(true), ISendOperation, IThreadPoolWorkItem
{
    public SocketsConnection? Connection;

    private PoolTurn _turn;

    public List<ArraySegment<byte>> Gathered { get; } = new(CompletionConnection.MaxSendBuffers);

    public SocketError Error => SocketError;

    public int Bytes => BytesTransferred;

    public bool Issue()
    {
        try
        {
            if (Gathered.Count == 1)
            {
                BufferList = null;
                SetBuffer(Gathered[0].Array, Gathered[0].Offset, Gathered[0].Count);
            }
            else
            {
                SetBuffer(null, 0, 0);
                BufferList = Gathered;
            }

            return Connection!.Socket.SendAsync(this);
        }
        catch (ObjectDisposedException)
        {
            SocketError = SocketError.OperationAborted;
        }
        catch (OutOfMemoryException exception)
        {
            // Ours, or the system's. Not to be tried again, as a receive is: a part may have left before the runtime found that it may not watch the socket for the rest.
            Connection!.OnFailed(exception);
            SocketError = SocketError.OperationAborted;
        }

        return false;
    }

    public void Post() => _turn.Queue(this);

    public void PostLater(SocketError error) => Connection!.Engine.Shortages.Add(this, error);

    public void Return()
    {
        Gathered.Clear();
        BufferList = null;
        SetBuffer(null, 0, 0);
        OperationPool<SendOperation> pool = Connection!.Engine.Sends;
        Connection = null;
        pool.Return(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_turn.TryTake())
        {
            Connection!.Send(this, completed: false);
        }
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => Connection!.Send(this, completed: true);
}
