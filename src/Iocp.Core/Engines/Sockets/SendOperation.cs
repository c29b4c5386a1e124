using System.Net.Sockets;

namespace Iocp.Core.Engines.Sockets;

/// <summary>The one send of a connection: everything that was queued when it was gathered. Pooled.</summary>
internal sealed class SendOperation() : SocketAsyncEventArgs(true), IThreadPoolWorkItem
{
    /// <summary>Pieces in one send; far below the system's limit (IOV_MAX is 1,024 on Linux).</summary>
    public const int MaxBuffers = 16;

    /// <summary>
    /// No further piece is added to this many bytes. On Unix the runtime reports a send when all of it has left, so this is also how
    /// finely a peer's progress is seen by the send deadline.
    /// </summary>
    public const int MaxBytes = 65_536;

    private readonly List<ArraySegment<byte>> _gathered = new(MaxBuffers);

    public SocketsConnection? Connection;

    /// <summary>Takes what is queued.</summary>
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

    /// <summary>Lets others have the thread, and sends on.</summary>
    public void Yield() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Lets go of the buffers.</summary>
    public void Clear()
    {
        _gathered.Clear();
        BufferList = null;
        SetBuffer(null, 0, 0);
    }

    void IThreadPoolWorkItem.Execute() => Connection!.PumpSends(this);

    protected override void OnCompleted(SocketAsyncEventArgs e) => Connection!.OnSendCompleted(this);
}
