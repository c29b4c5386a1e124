using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// An operation and its native block. Invariant: between <see cref="Begin"/> and the completion, or <see cref="End"/>, the kernel owns the
/// block, so nobody disposes of or reuses it. The GCHandle leads from the block to this object and lives as long as it.
/// </summary>
internal abstract unsafe class Operation : IDisposable
{
    private GCHandle _handle;
    private int _state;

    protected Operation(CompletionPort port, int payloadLength)
    {
        Port = port;
        Block = (OperationBlock*)NativeMemory.AlignedAlloc((nuint)(sizeof(OperationBlock) + payloadLength), (nuint)sizeof(OperationBlock));
        try
        {
            _handle = GCHandle.Alloc(this);
            Block->Owner = GCHandle.ToIntPtr(_handle);
            port.Operations.TryAdd(this, true);
        }
        catch
        {
            Free();     // no memory: nobody else will
            throw;
        }
    }

    private static class State
    {
        /// <summary>Ours.</summary>
        public const int Idle = 0;

        /// <summary>The kernel's.</summary>
        public const int Outstanding = 1;

        /// <summary>A packet for a turn is in the port; nothing of the block is the kernel's.</summary>
        public const int Posted = 2;
    }

    public OperationBlock* Block { get; private set; }

    /// <summary>The kernel has it.</summary>
    public bool IsOutstanding => Volatile.Read(ref _state) == State.Outstanding;

    /// <summary>The port failed while this was the kernel's: nobody will say when it no longer is, so its block and its buffers are never used again.</summary>
    public bool IsAbandoned { get; private set; }

    protected CompletionPort Port { get; }

    /// <summary>Bytes behind the block that stay where they are.</summary>
    protected byte* Payload => (byte*)(Block + 1);

    /// <summary>Whether the owner begins nothing with this operation, now and later: its handle is closed.</summary>
    protected abstract bool IsOwnerClosed { get; }

    /// <summary>The operation of a completion.</summary>
    public static Operation Of(Overlapped* overlapped) => (Operation)GCHandle.FromIntPtr(((OperationBlock*)overlapped)->Owner).Target!;

    /// <summary>Before the call that gives the block to the kernel.</summary>
    public Overlapped* Begin()
    {
        Block->Overlapped = default;
        Volatile.Write(ref _state, State.Outstanding);
        return &Block->Overlapped;
    }

    /// <summary>The block is ours again: it was completed, or the call gave it back at once.</summary>
    public void End() => Volatile.Write(ref _state, State.Idle);

    /// <summary>Before a packet for a turn is posted.</summary>
    public Overlapped* BeginTurn()
    {
        Volatile.Write(ref _state, State.Posted);
        return &Block->Overlapped;
    }

    /// <summary>Takes the turn back; false: somebody else has it.</summary>
    public bool TryEndTurn() => Interlocked.CompareExchange(ref _state, State.Idle, State.Posted) == State.Posted;

    /// <summary>The operation has left the kernel.</summary>
    public abstract void Complete(int bytes);

    /// <summary>A turn that was asked for with <see cref="CompletionPort.Post"/>.</summary>
    public virtual void Run() => throw new NotSupportedException();

    /// <summary>Ends what waits for the port, which has failed: a turn is run, and what is outstanding on a closed handle is abandoned, as if cancelled.</summary>
    public void Salvage()
    {
        if (TryEndTurn())
        {
            Run();
        }
        else if (IsOutstanding && IsOwnerClosed && IsOutstanding)
        {
            // The second look is exact where a gate stands before the call: since the handle was closed nobody is inside one that begins or ends it. A ConnectOperation has
            // no gate: one may be abandoned that its call is about to give back. It ends all the same, with an error, but its block is never freed.
            IsAbandoned = true;
            End();
            Complete(0);
        }
    }

    /// <summary>How a completed operation ended.</summary>
    protected SocketError Result(SafeSocketHandle socket)
    {
        if (IsAbandoned)
        {
            return SocketError.OperationAborted;
        }

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
        if (Block is null)
        {
            return;
        }

        Port.Operations.TryRemove(this, out _);
        if (!IsAbandoned)
        {
            Free();
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Block);
        Block = null;
        if (_handle.IsAllocated)
        {
            _handle.Free();
        }
    }
}
