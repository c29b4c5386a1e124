using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one send of a connection: everything that was queued when it was gathered. Pooled.</summary>
internal sealed unsafe class SendOperation(CompletionPort port) : TransferOperation(port, MaxBuffers * sizeof(WsaBuffer))
{
    private const int MaxBuffers = 16;

    /// <summary>No further piece is added to this many bytes: Windows reports a send when all of it was taken, so this is how finely the send deadline sees progress.</summary>
    private const int MaxBytes = 65_536;

    private readonly List<ArraySegment<byte>> _gathered = new(MaxBuffers);

    /// <summary>Takes what is queued.</summary>
    public void Gather(ref SendQueue sends, long now) => sends.Gather(_gathered, MaxBuffers, MaxBytes, now);

    protected override int Call(SafeSocketHandle socket, uint* bytes)
    {
        var buffers = (WsaBuffer*)Payload;
        for (int i = 0; i < _gathered.Count; i++)
        {
            // Invariant: pieces are of PinnedArrayPool, and the queue keeps them until they are reported.
            ArraySegment<byte> piece = _gathered[i];
            buffers[i].Buffer = (byte*)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(piece.Array!), piece.Offset));
            buffers[i].Length = (uint)piece.Count;
        }

        return Ws2_32.WSASend(socket, buffers, (uint)_gathered.Count, bytes, 0, Begin(), null);
    }

    protected override void OnCompleted(IocpConnection connection) => connection.OnSendCompleted(this);

    public override void Run() => Connection!.PumpSends(this);

    public void Clear()
    {
        if (!IsAbandoned)
        {
            _gathered.Clear();
        }
    }
}
