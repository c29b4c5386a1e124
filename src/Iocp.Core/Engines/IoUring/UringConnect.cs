using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>One connect outstanding on a ring.</summary>
internal sealed unsafe class UringConnect : ConnectOperation, IUringTarget
{
    // Invariant: what the kernel may read while the connect is outstanding stays where it is and alive. It is allocated pinned, this object keeps it, and the
    // worker keeps this object at its place until the completion was seen.
    private readonly byte[] _address;
    private int _place;

    public UringConnect(UringWorker worker, int descriptor, ReadOnlySpan<byte> address)
        : base(worker, descriptor)
    {
        _address = GC.AllocateUninitializedArray<byte>(address.Length, pinned: true);
        address.CopyTo(_address);
    }

    private new UringWorker Worker => (UringWorker)base.Worker;

    public void OnCompletion(Purpose purpose, in CompletionEntry completion)
    {
        Worker.Remove(_place);
        Finish(-completion.Result);
    }

    protected override void Start()
    {
        _place = Worker.Add(this);
        SubmissionEntry* entry = Worker.Prepare(Operation.Connect, Socket, _place, Purpose.Connect);
        entry->Address = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_address));
        entry->Offset = (ulong)_address.Length;
    }

    protected override void Cancel() => Worker.Cancel(_place, Purpose.Connect);
}
