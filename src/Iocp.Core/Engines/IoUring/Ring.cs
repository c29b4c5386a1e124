using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>
/// One io_uring: two rings of memory shared with the kernel. Made and used by one thread (IORING_SETUP_SINGLE_ISSUER); the kernel does its
/// share of the work only while that thread is inside <see cref="Submit"/> (DEFER_TASKRUN), so completions come in batches.
/// </summary>
/// <remarks>
/// Who writes what: of the submission ring we write entries and then the tail, the kernel the head; of the completion ring the kernel
/// writes entries and then the tail, we the head. Each side reads the other's index with acquire and publishes its own with release.
/// </remarks>
internal sealed unsafe class Ring : IDisposable
{
    private readonly Descriptor _descriptor;
    private readonly MemoryMapping _rings;
    private readonly MemoryMapping _entries;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly SubmissionEntry* _submissions;
    private readonly CompletionEntry* _completions;
    private readonly uint _submissionCapacity;
    private readonly uint _completionMask;
    private uint _tail;         // entries written
    private uint _submitted;    // entries that the kernel has taken

    /// <param name="submissionEntries">A power of two; four times as many completions fit.</param>
    /// <exception cref="System.Net.Sockets.SocketException">Want of memory or descriptors.</exception>
    /// <exception cref="PlatformNotSupportedException">The kernel, or its policy, has no io_uring that we can use; says why.</exception>
    public Ring(uint submissionEntries)
    {
        (_descriptor, RingParameters parameters) = Create(submissionEntries);
        try
        {
            ref readonly SubmissionOffsets submission = ref parameters.Submission;
            ref readonly CompletionOffsets completion = ref parameters.Completion;
            nint submissionLength = (nint)submission.Array + ((nint)parameters.SubmissionEntries * sizeof(uint));
            nint completionLength = (nint)completion.Entries + ((nint)parameters.CompletionEntries * sizeof(CompletionEntry));
            _rings = new MemoryMapping(_descriptor.Value, 0, Math.Max(submissionLength, completionLength));
            _entries = new MemoryMapping(_descriptor.Value, IoUringAbi.SubmissionEntriesOffset, (nint)parameters.SubmissionEntries * sizeof(SubmissionEntry));

            byte* rings = _rings.Pointer;
            _submissions = (SubmissionEntry*)_entries.Pointer;
            _completions = (CompletionEntry*)(rings + completion.Entries);
            _submissionHead = (uint*)(rings + submission.Head);
            _submissionTail = (uint*)(rings + submission.Tail);
            _completionHead = (uint*)(rings + completion.Head);
            _completionTail = (uint*)(rings + completion.Tail);
            _submissionCapacity = parameters.SubmissionEntries;
            _completionMask = parameters.CompletionEntries - 1;
            Features = parameters.Features;
            if ((parameters.Flags & SetupFlags.NoSubmissionArray) == 0)
            {
                // Entry n is always at place n: the indirection of older kernels is written once.
                uint* array = (uint*)(rings + submission.Array);
                for (uint i = 0; i < _submissionCapacity; i++)
                {
                    array[i] = i;
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the kernel's io_uring can: IORING_FEAT_ flags.</summary>
    public uint Features { get; }

    /// <summary>Completions to take; more may have overflowed, which come when these are taken.</summary>
    public uint CompletionCount => Volatile.Read(ref *_completionTail) - *_completionHead;

    /// <summary>Sees to it that so many entries leave together: what links them ends with a submission. When there is no room, what is in the ring leaves first.</summary>
    public void MakeRoom(uint entries)
    {
        while (_tail - Volatile.Read(ref *_submissionHead) > _submissionCapacity - entries)
        {
            Submit(waitFor: 0);
        }
    }

    /// <summary>The next entry to fill, zeroed; it leaves with the next <see cref="Submit"/>. When the ring is full, what is in it leaves first.</summary>
    public SubmissionEntry* Next()
    {
        MakeRoom(1);
        SubmissionEntry* entry = &_submissions[_tail++ & (_submissionCapacity - 1)];
        *entry = default;
        return entry;
    }

    /// <summary>Hands what was filled to the kernel, lets it do what it has put off, and waits until so many completions are there.</summary>
    /// <param name="waitFor">How many.</param>
    /// <param name="most">Of the entries the kernel is handed no more than so many: as if it had no memory for more. For tests.</param>
    public void Submit(uint waitFor, uint most = uint.MaxValue)
    {
        Volatile.Write(ref *_submissionTail, _tail);
        uint filled = _tail - _submitted;
        nint taken = Enter((nint)Math.Min(filled, most), waitFor);
        _submitted += (uint)Math.Max(taken, 0);
        if (taken == (nint)filled)
        {
            return;
        }

        // The kernel had no memory for all.
        MendTornPair();

        // Then it does not come to what it has put off either: that may be what gives it back the memory for more.
        Enter(0, waitFor: 0);
        if (taken <= 0 && filled > 0 && CompletionCount == 0)
        {
            Thread.Sleep(1);
        }
    }

    // Of two that are linked the first was taken, and the second not: no link is left, and the first, a poll, waits for nobody. The second becomes its cancellation, by the
    // name that both have. So their owner is told once, as of any pair: by the poll, which was cancelled, or by the cancellation, which found none, since the poll had
    // succeeded and a poll says nothing then.
    private void MendTornPair()
    {
        SubmissionEntry* first = &_submissions[(_submitted - 1) & (_submissionCapacity - 1)];
        if (_submitted != _tail && (first->Flags & IoUringAbi.EntryLink) != 0)
        {
            SubmissionEntry* second = &_submissions[_submitted & (_submissionCapacity - 1)];
            *second = new SubmissionEntry
            {
                Operation = Operation.AsyncCancel,
                Descriptor = -1,
                UserData = first->UserData,
                Address = first->UserData,
                Flags = IoUringAbi.EntrySkipSuccess,
            };
        }
    }

    /// <summary>Takes the oldest completion.</summary>
    public bool TryTake(out CompletionEntry completion)
    {
        uint head = *_completionHead;
        if (head == Volatile.Read(ref *_completionTail))
        {
            completion = default;
            return false;
        }

        completion = _completions[head & _completionMask];
        Volatile.Write(ref *_completionHead, head + 1);
        return true;
    }

    /// <summary>io_uring_register(2).</summary>
    /// <returns>0, or the errno.</returns>
    public int Register(int operation, void* argument, int count)
        => Libc.SystemCall(IoUringAbi.Register, _descriptor.Value, operation, (nint)argument, count, 0, 0) < 0 ? Libc.Errno : 0;

    public void Dispose()
    {
        _entries?.Dispose();
        _rings?.Dispose();
        _descriptor.Dispose();
    }

    // Newest flags first; a kernel that does not know one says EINVAL. So SINGLE_ISSUER makes it 6.0 at least.
    private static (Descriptor Descriptor, RingParameters Parameters) Create(uint entries)
    {
        const SetupFlags always = SetupFlags.CompletionQueueSize | SetupFlags.SubmitAll | SetupFlags.SingleIssuer;
        int errno = 0;
        foreach (SetupFlags flags in (ReadOnlySpan<SetupFlags>)
            [always | SetupFlags.DeferTaskRun | SetupFlags.NoSubmissionArray, always | SetupFlags.DeferTaskRun, always | SetupFlags.CoopTaskRun])
        {
            var parameters = new RingParameters { Flags = flags, CompletionEntries = entries * 4 };
            nint result = Libc.SystemCall(IoUringAbi.Setup, (nint)entries, (nint)(&parameters), 0, 0, 0, 0);
            if (result >= 0)
            {
                var descriptor = Descriptor.From((int)result);
                const uint needed = IoUringAbi.FeatureSingleMap | IoUringAbi.FeatureNoDrop;
                return (parameters.Features & needed) == needed ? (descriptor, parameters) : throw NotHere("a feature is missing", descriptor);
            }

            errno = Libc.Errno;
            if (errno != Libc.EINVAL)
            {
                break;
            }
        }

        throw errno switch
        {
            Libc.ENOSYS => NotHere("the kernel was built without it"),
            Libc.EPERM or Libc.EACCES => NotHere("it is forbidden, as it is in containers with Docker's default profile"),
            Libc.EINVAL => NotHere("the kernel is older than 6.0"),
            _ => SocketErrors.From(errno),
        };
    }

    // Entries taken; -1 when it is to be tried again. EAGAIN: no memory for requests just now; EBUSY: completions overflowed (none is lost) and must be taken first.
    private nint Enter(nint entries, uint waitFor)
    {
        nint taken = Libc.SystemCall(IoUringAbi.Enter, _descriptor.Value, entries, (nint)waitFor, (nint)IoUringAbi.EnterGetEvents, 0, 0);
        return taken >= 0 || Libc.Errno is Libc.EINTR or Libc.EAGAIN or Libc.EBUSY ? taken : throw SocketErrors.From(Libc.Errno);
    }

    private static PlatformNotSupportedException NotHere(string reason, Descriptor? descriptor = null)
    {
        descriptor?.Dispose();
        return new PlatformNotSupportedException(reason);
    }
}
