using System.Net;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>
/// A connection by a direct descriptor: once it is started its socket moves from the process's descriptors to its worker's file table, to the place that
/// is its own on that worker. What takes a descriptor (shutdown, reset, close) is an operation on the ring then.
/// </summary>
/// <remarks>
/// It keeps its descriptor if it is no TCP connection, or the table has no such place. The place is free for another only after the close has completed.
/// </remarks>
internal sealed unsafe class DirectConnection(UringWorker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
    : UringConnection(worker, origin, descriptor, remote)
{
    private EndPoint? _local;       // of a socket that moved: asked for before, for afterwards there is nothing to ask

    // Looked at once more in the end: the socket may move while it is asked.
    public override EndPoint? LocalEndPoint => IsReleased ? null : _local ?? base.LocalEndPoint ?? _local;

    protected override void OnStarted()
    {
        FileTable files = Worker.Files!;
        EndPoint? local = files.LocalEndPoint(Socket);
        if (local is IPEndPoint && files.TrySet(Place, Socket))
        {
            _local = local;
            CloseSocket();
        }
    }

    protected override SubmissionEntry* Prepare(Operation operation, Purpose purpose)
    {
        if (_local is null)
        {
            return base.Prepare(operation, purpose);
        }

        SubmissionEntry* entry = Worker.Prepare(operation, Place, Place, purpose);
        entry->Flags = IoUringAbi.EntryFixedFile;
        return entry;
    }

    protected override void HalfClose()
    {
        if (_local is null)
        {
            base.HalfClose();
        }
        else
        {
            PrepareHalfClose();
        }
    }

    // The close comes after the reset has completed: linked, they could be torn apart by a kernel that has memory for one only, and the reset reach whoever has the place next.
    protected override void OnCompleted(Purpose purpose, int result)
    {
        if (purpose == Purpose.Reset)
        {
            PrepareClose();
        }
        else
        {
            base.Release(abort: false);
        }
    }

    protected override void Release(bool abort)
    {
        if (_local is null)
        {
            base.Release(abort);
            return;
        }

        if (abort)
        {
            SubmissionEntry* reset = Prepare(Operation.Connect, Purpose.Reset);
            reset->Address = (ulong)Worker.Files!.NoAddress;
            reset->Offset = FileTable.NoAddressLength;
        }
        else
        {
            PrepareClose();
        }
    }

    private void PrepareClose() => Worker.Prepare(Operation.Close, 0, Place, Purpose.Close)->FileIndex = (uint)Place + 1;
}
