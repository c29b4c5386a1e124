using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one receive of a connection: a zero-byte wait, or a read into a rented pinned buffer. It holds all the reader's state. Pooled.</summary>
internal sealed unsafe class ReceiveOperation(CompletionPort port) : Operation(port, 0)
{
    public IocpConnection? Connection;
    public byte[]? Rented;
    public SocketError Error;
    public int Bytes;
    public bool Resumes;

    protected override bool IsOwnerClosed => Connection is { IsClosed: true };

    /// <summary>True: outstanding. False: done, with <see cref="Error"/> and <see cref="Bytes"/>.</summary>
    public bool Issue(SafeSocketHandle socket, bool skips)
    {
        // Invariant: rented of PinnedArrayPool and at most 1 MiB, so allocated pinned; kept until the completion was seen.
        var buffer = new WsaBuffer
        {
            Length = (uint)(Rented?.Length ?? 0),
            Buffer = Rented is null ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Rented)),
        };
        uint bytes, flags = 0;
        bool done = Ws2_32.WSARecv(socket, &buffer, 1, &bytes, &flags, Begin(), null) == 0;
        int error = done ? 0 : Marshal.GetLastPInvokeError();
        if (error == Ws2_32.IoPending || (done && !skips))
        {
            return true;
        }

        End();
        Error = (SocketError)error;
        Bytes = (int)bytes;
        return false;
    }

    public override void Complete(int bytes)
    {
        Error = Result(Connection!.Handle);
        Bytes = bytes;
        Connection.Read(this, completed: true);
    }

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
