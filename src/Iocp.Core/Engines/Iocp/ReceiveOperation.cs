using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one receive of a connection. Pooled.</summary>
internal sealed unsafe class ReceiveOperation(CompletionPort port) : TransferOperation(port, 0), IReceiveOperation
{
    public byte[]? Rented { get; set; }

    public bool Resumes { get; set; }

    // Not measured: there is no Windows to measure it on.
    public bool PutsOffNext() => false;

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

    public override void Run() => Connection!.Read(this, completed: false);

    public void ReturnBuffer()
    {
        if (Rented is { } rented && !IsAbandoned)
        {
            Rented = null;
            Connection!.Host.Pool.Return(rented);
        }
    }

    public override void Return()
    {
        ReturnBuffer();
        Resumes = false;
        OperationPool<ReceiveOperation> pool = Connection!.Engine.Receives;
        Connection = null;
        if (IsAbandoned)
        {
            Dispose();
        }
        else
        {
            pool.Return(this);
        }
    }
}
