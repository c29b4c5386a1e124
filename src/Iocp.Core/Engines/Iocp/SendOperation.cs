using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one send of a connection. Pooled.</summary>
internal sealed unsafe class SendOperation(CompletionPort port) : TransferOperation(port, CompletionConnection.MaxSendBuffers * sizeof(WsaBuffer)), ISendOperation
{
    public List<ArraySegment<byte>> Gathered { get; } = new(CompletionConnection.MaxSendBuffers);

    protected override int Call(SafeSocketHandle socket, uint* bytes)
    {
        var buffers = (WsaBuffer*)Payload;
        for (int i = 0; i < Gathered.Count; i++)
        {
            // Invariant: pieces are of PinnedArrayPool, and the queue keeps them until they are reported.
            ArraySegment<byte> piece = Gathered[i];
            buffers[i].Buffer = (byte*)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(piece.Array!), piece.Offset));
            buffers[i].Length = (uint)piece.Count;
        }

        return Ws2_32.WSASend(socket, buffers, (uint)Gathered.Count, bytes, 0, Begin(), null);
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
            Gathered.Clear();
            connection.Engine.Sends.Return(this);
        }
    }
}
