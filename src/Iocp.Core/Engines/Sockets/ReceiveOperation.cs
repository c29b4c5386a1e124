using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Sockets;

/// <summary>The one receive of a connection. Pooled.</summary>
internal sealed class ReceiveOperation() : SocketAsyncEventArgs(true), IReceiveOperation, IThreadPoolWorkItem
{
    public SocketsConnection? Connection;

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
            if (_putOff.IsDue && TryReceive())
            {
                return false;
            }

            SetBuffer(Rented, 0, Rented?.Length ?? 0);
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
        _putOff.Reset();
        OperationPool<ReceiveOperation> pool = Connection!.Engine.Receives;
        Connection = null;
        pool.Return(this);
    }

    void IThreadPoolWorkItem.Execute() => Connection!.Read(this, completed: false);

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        Bytes = BytesTransferred;
        Connection!.Read(this, completed: true);
    }

    // Reads what is there, without the wait before it. False: nothing is, and no buffer is held.
    private bool TryReceive()
    {
        Socket socket = Connection!.Socket;
        try
        {
            Rented = Connection.Host.Pool.Rent(CompletionConnection.ReceiveBufferSize);
        }
        catch (OutOfMemoryException)
        {
            _putOff.OnTried(found: false);      // the wait needs no buffer
            return false;
        }

        Bytes = socket.Receive(Rented, 0, Rented.Length, SocketFlags.None, out SocketError error);
        SocketError = error;
        bool found = error != SocketError.WouldBlock;
        _putOff.OnTried(found);
        if (!found)
        {
            ReturnBuffer();
        }

        return found;
    }
}
