using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one send of a connection. Pooled.</summary>
internal sealed unsafe class SendOperation(CompletionPort port) : TransferOperation(port, MaxBuffers * sizeof(WsaBuffer)), ISendOperation
{
    private const int MaxBuffers = 16;

    // No further piece is added to this many bytes: Windows reports a send when all of it was taken, so this is how finely the send deadline sees progress.
    private const int MaxBytes = 65_536;

    private readonly List<ArraySegment<byte>> _gathered = new(MaxBuffers);

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

    protected override void OnCompleted(IocpConnection connection) => connection.Send(this, completed: true);

    public override void Run() => Connection!.Send(this, completed: false);

    public override void Return()
    {
        IocpConnection connection = Connection!;
        Connection = null;
        if (IsAbandoned)
        {
            connection.Sends.Abandon();     // what was gathered stays with the operation
            Dispose();
        }
        else
        {
            _gathered.Clear();
            connection.Engine.Sends.Return(this);
        }
    }
}
