using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>One multishot accept: it delivers connections until it is cancelled or fails.</summary>
internal sealed unsafe class UringListener(WorkerEngine engine, UringWorker worker, ListenerOptions options, ConnectionOrigin origin)
    : WorkerListener(engine, worker, options, origin), IUringTarget
{
    private int _place = -1;
    private bool _accepting;
    private bool _cancelling;

    private new UringWorker Worker => (UringWorker)base.Worker;

    public void OnCompletion(Purpose purpose, in CompletionEntry completion)
    {
        _accepting = (completion.Flags & IoUringAbi.CompletionMore) != 0;
        if (completion.Result >= 0)
        {
            byte* address = stackalloc byte[Libc.MaxAddressLength];
            int length = Libc.MaxAddressLength;
            // Gone already when this fails: it is accepted all the same, so that its end is notified.
            bool known = Libc.GetPeerName(completion.Result, address, &length) == 0;
            OnAccepted(completion.Result, known ? PeerAddress.From(new ReadOnlySpan<byte>(address, length)) : default);
        }
        else if (completion.Result != -Libc.ECANCELED)
        {
            OnAcceptFailed(-completion.Result);
        }

        if (_accepting)
        {
            return;
        }

        if (IsClosing)
        {
            Worker.Remove(_place);
            FinishClose();
        }
        else if (MayAccept)
        {
            Accept();
        }
    }

    protected override void Accept()
    {
        if (_accepting)
        {
            return;
        }

        if (_place < 0)
        {
            _place = Worker.Add(this);
        }

        _accepting = true;
        _cancelling = false;
        SubmissionEntry* entry = Worker.Submit(Operation.Accept, Descriptor, _place, Purpose.Accept);
        entry->IoPriority = IoUringAbi.AcceptMultishot;
        entry->OperationFlags = Libc.SOCK_CLOEXEC;
    }

    protected override void CancelAccept()
    {
        if (_accepting)
        {
            if (!_cancelling)
            {
                _cancelling = true;
                Worker.Cancel(_place, Purpose.Accept);
            }
        }
        else if (IsClosing)
        {
            if (_place >= 0)
            {
                Worker.Remove(_place);
            }

            FinishClose();
        }
    }
}
