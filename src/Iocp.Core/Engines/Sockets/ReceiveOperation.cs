using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>The one receive of a connection. Pooled.</summary>
internal sealed class ReceiveOperation() : SocketAsyncEventArgs(true), IReceiveOperation, IThreadPoolWorkItem
{
    public SocketsConnection? Connection;

    private PoolTurn _turn;
    private PutOffReceives _putOff;

    public byte[]? Rented { get; set; }

    public bool Resumes { get; set; }

    public SocketError Error => SocketError;

    public int Bytes { get; private set; }

    public bool PutsOffNext() => _putOff.Next();

    public bool Issue()
    {
        try
        {
            if ((Rented is not null || _putOff.IsDue) && TryReceive())
            {
                return false;
            }

            // The wait, which needs no buffer. It may be over although nothing is there: the runtime knows events, and one may be older than the latest read.
            if (Connection!.Socket.ReceiveAsync(this))
            {
                return true;
            }

            Bytes = BytesTransferred;
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

    public void Post() => _turn.Queue(this);

    public void PostLater(SocketError error) => Connection!.Engine.Shortages.Add(this, error);

    public void ReturnBuffer()
    {
        if (Rented is { } rented)
        {
            Rented = null;
            Connection!.Host.Pool.Return(rented);
        }
    }

    public void Return()
    {
        ReturnBuffer();
        Resumes = false;
        _putOff.Reset();
        OperationPool<ReceiveOperation> pool = Connection!.Engine.Receives;
        Connection = null;
        pool.Return(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_turn.TryTake())
        {
            Connection!.Read(this, completed: false);
        }
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        Bytes = BytesTransferred;
        Connection!.Read(this, completed: true);
    }

    // Reads what is there. False: nothing is, and no buffer is held: who waits holds none.
    private bool TryReceive()
    {
        try
        {
            Rented ??= Connection!.Host.Pool.Rent(CompletionConnection.ReceiveBufferSize);
        }
        catch (OutOfMemoryException)
        {
            _putOff.OnTried(found: false);
            return false;
        }

        Bytes = Connection!.Socket.Receive(Rented, 0, Rented.Length, SocketFlags.None, out SocketError error);
        SocketError = error;
        bool found = error != SocketError.WouldBlock;
        if (_putOff.IsDue)
        {
            _putOff.OnTried(found);
        }

        if (!found)
        {
            ReturnBuffer();
        }

        return found;
    }
}
