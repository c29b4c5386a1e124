using System.Buffers;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Sockets;

/// <summary>The one receive of a connection: a zero-byte wait, or a read into a rented buffer. It holds all the reader's state. Pooled.</summary>
internal sealed class ReceiveOperation() : SocketAsyncEventArgs(true), IThreadPoolWorkItem
{
    private bool _resume;

    public SocketsConnection? Connection;

    /// <summary>The buffer of a read; null: this is a zero-byte wait.</summary>
    public byte[]? Rented;

    /// <summary>Lets others have the thread, and reads on.</summary>
    public void Yield() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    public void QueueResume()
    {
        _resume = true;
        Yield();
    }

    public void ReturnBuffer(ArrayPool<byte> pool)
    {
        if (Rented is { } rented)
        {
            SetBuffer(null, 0, 0);
            Rented = null;
            pool.Return(rented);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_resume)
        {
            _resume = false;
            Connection!.Resume(this);
        }
        else
        {
            Connection!.Read(this, completed: false);
        }
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => Connection!.Read(this, completed: true);
}
