using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>The one send of a connection: everything that was queued when it was gathered. Pooled.</summary>
internal sealed unsafe class SendOperation(CompletionPort port) : Operation(port, MaxBuffers * sizeof(WsaBuffer))
{
    private const int MaxBuffers = 16;

    /// <summary>No further piece is added to this many bytes: Windows reports a send when all of it was taken, so this is how finely the send deadline sees progress.</summary>
    private const int MaxBytes = 65_536;

    private readonly List<ArraySegment<byte>> _gathered = new(MaxBuffers);

    public IocpConnection? Connection;
    public SocketError Error;
    public int Bytes;

    protected override bool IsOwnerClosed => Connection is { IsClosed: true };

    /// <summary>Takes what is queued; false, and the claim is given up, when there is nothing.</summary>
    public bool Gather(ref SendQueue sends, long now) => sends.Gather(_gathered, MaxBuffers, MaxBytes, now) > 0;

    /// <summary>True: outstanding. False: done, with <see cref="Error"/> and <see cref="Bytes"/>.</summary>
    public bool Issue(SafeSocketHandle socket, bool skips)
    {
        var buffers = (WsaBuffer*)Payload;
        for (int i = 0; i < _gathered.Count; i++)
        {
            // Invariant: pieces are of PinnedArrayPool, and the queue keeps them until they are reported.
            ArraySegment<byte> piece = _gathered[i];
            buffers[i].Buffer = (byte*)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(piece.Array!), piece.Offset));
            buffers[i].Length = (uint)piece.Count;
        }

        uint bytes;
        bool done = Ws2_32.WSASend(socket, buffers, (uint)_gathered.Count, &bytes, 0, Begin(), null) == 0;
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
        Connection.OnSendCompleted(this);
    }

    public override void Run() => Connection!.PumpSends(this);

    public void Clear()
    {
        if (!IsAbandoned)
        {
            _gathered.Clear();
        }
    }
}
