using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// An operation and its native block. Invariant: between <see cref="Prepare"/> with a pending result and its completion the kernel owns the
/// block, so nobody disposes of or reuses it. The GCHandle leads from the block to this object and lives as long as it.
/// </summary>
internal abstract unsafe class Operation : IDisposable
{
    private GCHandle _handle;

    protected Operation(int payloadLength)
    {
        _handle = GCHandle.Alloc(this);
        Block = (OperationBlock*)NativeMemory.AlignedAlloc((nuint)(sizeof(OperationBlock) + payloadLength), (nuint)sizeof(OperationBlock));
        Block->Owner = GCHandle.ToIntPtr(_handle);
    }

    public OperationBlock* Block { get; private set; }

    /// <summary>Bytes behind the block that stay where they are.</summary>
    protected byte* Payload => (byte*)(Block + 1);

    /// <summary>The operation of a completion.</summary>
    public static Operation Of(Overlapped* overlapped) => (Operation)GCHandle.FromIntPtr(((OperationBlock*)overlapped)->Owner).Target!;

    public Overlapped* Prepare()
    {
        Block->Overlapped = default;
        return &Block->Overlapped;
    }

    /// <summary>The operation has left the kernel.</summary>
    public abstract void Complete(int bytes);

    /// <summary>A turn that was asked for with <see cref="CompletionPort.Post"/>.</summary>
    public virtual void Run() => throw new NotSupportedException();

    /// <summary>How a completed operation ended.</summary>
    protected SocketError Result(SafeSocketHandle socket)
    {
        if (Block->Overlapped.Internal == 0)
        {
            return SocketError.Success;
        }

        try
        {
            uint bytes, flags;
            int done = Ws2_32.WSAGetOverlappedResult(socket, &Block->Overlapped, &bytes, 0, &flags);
            int error = Marshal.GetLastPInvokeError();
            return done != 0 || error == 0 ? SocketError.OperationAborted : (SocketError)error;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted;
        }
    }

    public void Dispose()
    {
        if (Block is not null)
        {
            NativeMemory.AlignedFree(Block);
            Block = null;
            _handle.Free();
        }
    }
}
