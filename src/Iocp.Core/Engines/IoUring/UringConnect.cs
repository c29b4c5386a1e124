using System.Runtime.InteropServices;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>One connect outstanding on a ring.</summary>
internal sealed unsafe class UringConnect : ConnectOperation, IUringTarget
{
    private readonly byte* _address;    // the kernel's while the connect is outstanding
    private readonly int _length;
    private int _place;

    public UringConnect(UringWorker worker, int descriptor, ReadOnlySpan<byte> address)
        : base(worker, descriptor)
    {
        _length = address.Length;
        _address = (byte*)NativeMemory.Alloc((nuint)_length);
        address.CopyTo(new Span<byte>(_address, _length));
    }

    private new UringWorker Worker => (UringWorker)base.Worker;

    public void OnCompletion(Purpose purpose, in CompletionEntry completion)
    {
        Worker.Remove(_place);
        NativeMemory.Free(_address);
        Finish(-completion.Result);
    }

    protected override void Start()
    {
        _place = Worker.Add(this);
        SubmissionEntry* entry = Worker.Prepare(Operation.Connect, Socket, _place, Purpose.Connect);
        entry->Address = (ulong)_address;
        entry->Offset = (ulong)_length;
    }

    protected override void Cancel() => Worker.Cancel(_place, Purpose.Connect);
}
