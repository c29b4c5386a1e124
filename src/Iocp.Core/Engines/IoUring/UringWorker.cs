using System.Runtime.InteropServices;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>
/// One ring on one thread. An operation names its owner's place in the worker's list and its purpose; a place is given to another owner only after
/// its last operation has completed, so no completion reaches the wrong one.
/// </summary>
/// <param name="index">Of its engine's workers.</param>
/// <param name="fileTableSize">Places in the table of direct descriptors; 0: none.</param>
/// <param name="host">Whose connections it sees to.</param>
internal sealed unsafe class UringWorker(int index, int fileTableSize, FrameHost host) : Worker($"io_uring worker {index}", host)
{
    private const uint SubmissionEntries = 4096;
    private const int MaxBuffers = 64;
    private const int BusyCompletions = 64;
    // What the kernel gives back with a completion: 32 bits of place, 8 of purpose, 24 of the message's number.
    private const int PurposeShift = 32;
    private const int MessageShift = 40;

    private readonly Descriptor _wakeUp = Linux.Descriptor.From(Libc.EventDescriptor(0, Libc.EFD_CLOEXEC));
    private readonly ulong* _wakeUps = (ulong*)NativeMemory.AllocZeroed(sizeof(ulong));     // the kernel's while the read is outstanding
    private readonly PlaceTable<IUringTarget> _targets = new();
    private readonly List<nint> _messages = [0];        // number 0: none
    private readonly Stack<int> _freeMessages = new();
    private bool _wakeUpOutstanding;
    private bool _closing;
    private Ring? _ring;
    private BufferRing? _buffers;

    public BufferRing Buffers => _buffers!;

    /// <summary>The direct descriptors; null: none are used.</summary>
    public FileTable? Files { get; private set; }

    public DeferredReceives Deferred { get; } = new();

    /// <summary>Whether the latest poll brought so much that a call more for all of it does not count.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>What everybody on this worker gathers sends in.</summary>
    public List<ArraySegment<byte>> Gathered { get; } = new(GatheredSend.MaxBuffers);

    public int Add(IUringTarget target) => _targets.Add(target);

    /// <summary>Nothing of the owner is outstanding.</summary>
    public void Remove(int place) => _targets.Remove(place);

    /// <summary>An entry to fill, for an operation whose completion goes to the owner at that place.</summary>
    public SubmissionEntry* Prepare(Operation operation, int descriptor, int place, Purpose purpose)
    {
        SubmissionEntry* entry = _ring!.Next();
        entry->Operation = operation;
        entry->Descriptor = descriptor;
        entry->UserData = UserData(place, purpose);
        return entry;
    }

    /// <summary>So many entries from here on leave together, as those must that are linked.</summary>
    public void MakeRoom(uint entries) => _ring!.MakeRoom(entries);

    /// <summary>Asks for the end of one operation, with the message of that number if it has one; it still completes, as cancelled or otherwise.</summary>
    public void Cancel(int place, Purpose purpose, int message = 0)
    {
        SubmissionEntry* entry = Prepare(Operation.AsyncCancel, -1, 0, Purpose.None);
        entry->Address = UserData(place, purpose) | ((ulong)message << MessageShift);
        entry->Flags |= IoUringAbi.EntrySkipSuccess;        // what was cancelled completes
    }

    /// <summary>
    /// Gives the operation a message header with room for <see cref="GatheredSend.MaxBuffers"/> pieces behind it, and a number to name it by. It is the kernel's
    /// until the operation has completed, and is taken back then.
    /// </summary>
    public MessageHeader* AddMessage(SubmissionEntry* entry, out int number)
    {
        if (!_freeMessages.TryPop(out number))
        {
            number = _messages.Count;
            _freeMessages.EnsureCapacity(number);       // giving it back must not fail
            _messages.EnsureCapacity(number + 1);
            _messages.Add((nint)NativeMemory.AllocZeroed((nuint)(sizeof(MessageHeader) + (GatheredSend.MaxBuffers * sizeof(IoVector)))));
        }

        var message = (MessageHeader*)_messages[number];
        message->Vectors = (IoVector*)(message + 1);
        entry->UserData |= (ulong)number << MessageShift;
        entry->Address = (ulong)message;
        entry->Length = 1;
        return message;
    }

    // The ring first: it knows the rest. Nothing is outstanding on it.
    public override void Dispose()
    {
        _ring?.Dispose();
        _buffers?.Dispose();
        Files?.Dispose();
        _wakeUp.Dispose();
        NativeMemory.Free(_wakeUps);
        foreach (nint message in _messages)
        {
            NativeMemory.Free((void*)message);
        }
    }

    // The kernel ties the ring to the thread that makes it.
    protected override void Open()
    {
        _ring = new Ring(SubmissionEntries);
        _buffers = new BufferRing(_ring, MaxBuffers);
        if (fileTableSize > 0)
        {
            Files = new FileTable(_ring, fileTableSize);
        }

        WaitForWakeUp();
    }

    protected override void Close()
    {
        // The one operation left is the read of the wake-up counter: what it writes to must outlive it.
        _closing = true;
        Wake();
        while (_wakeUpOutstanding)
        {
            Poll(mayBlock: true);
        }
    }

    protected override bool Poll(bool mayBlock)
    {
        Ring ring = _ring!;
        if (Deferred.BuffersRanOut)
        {
            Buffers.Grow();     // once a turn, however many found none
        }

        bool dueNext = Deferred.ReceiveDue(this);
        ring.Submit(waitFor: mayBlock && !dueNext && !HasLocalWork && ring.CompletionCount == 0 ? 1u : 0);
        IsBusy = ring.CompletionCount >= BusyCompletions;

        // Bounded by what is there now: others' turn comes even if completions never end. Smaller turns cost: 256 took 4 % more CPU with 10,000 connections.
        int taken = 0;
        for (; taken < SubmissionEntries && ring.TryTake(out CompletionEntry completion); taken++)
        {
            if (completion.UserData >> MessageShift is not 0 and ulong message)
            {
                _freeMessages.Push((int)message);
            }

            var purpose = (Purpose)(byte)(completion.UserData >> PurposeShift);
            if (purpose == Purpose.WakeUp)
            {
                WaitForWakeUp();
            }
            else if (purpose != Purpose.None)
            {
                try
                {
                    _targets[(int)completion.UserData]!.OnCompletion(purpose, completion);
                }
                catch (Exception exception)
                {
                    OnWorkFailed(exception);
                }
            }
        }

        return taken > 0;
    }

    protected override void Wake() => _wakeUp.Signal();

    private static ulong UserData(int place, Purpose purpose) => ((ulong)purpose << PurposeShift) | (uint)place;

    private void WaitForWakeUp()
    {
        _wakeUpOutstanding = !_closing;
        if (_wakeUpOutstanding)
        {
            SubmissionEntry* entry = Prepare(Operation.Read, _wakeUp.Value, 0, Purpose.WakeUp);
            entry->Address = (ulong)_wakeUps;
            entry->Length = sizeof(ulong);
        }
    }
}
