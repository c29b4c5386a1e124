using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one receive of a connection: a zero-byte wait, or a read into a rented pinned buffer. It holds all the reader's state. Pooled.</summary>
internal sealed unsafe class ReceiveOperation(CompletionPort port) : TransferOperation(port, 0)
{
    public byte[]? Rented;
    public bool Resumes;

    protected override int Call(SafeSocketHandle socket, uint* bytes)
    {
        // Invariant: rented of PinnedArrayPool and at most 1 MiB, so allocated pinned; kept until the completion was seen.
        var buffer = new WsaBuffer
        {
            Length = (uint)(Rented?.Length ?? 0),
            Buffer = Rented is null ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Rented)),
        };
        uint flags = 0;
        return Ws2_32.WSARecv(socket, &buffer, 1, bytes, &flags, Begin(), null);
    }

    protected override void OnCompleted(IocpConnection connection) => connection.Read(this, completed: true);

    public override void Run()
    {
        if (Resumes)
        {
            Resumes = false;
            Connection!.Resume(this);
        }
        else
        {
            Connection!.Read(this, completed: false);
        }
    }

    public void ReturnBuffer(ArrayPool<byte> pool)
    {
        if (Rented is { } rented && !IsAbandoned)
        {
            Rented = null;
            pool.Return(rented);
        }
    }
}
