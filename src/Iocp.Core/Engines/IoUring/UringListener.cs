using System.Net.Sockets;
using Iocp.Core.Engines.Linux;

namespace Iocp.Core.Engines.IoUring;

/// <summary>Told by a multishot poll that somebody waits in the backlog.</summary>
internal sealed unsafe class UringListener(WorkerEngine engine, UringWorker worker, Socket socket, ConnectionOrigin origin)
    : WorkerListener(engine, worker, socket, origin), IUringTarget
{
    private int _place = -1;
    private bool _watching;

    private new UringWorker Worker => (UringWorker)base.Worker;

    public void OnCompletion(Purpose purpose, in CompletionEntry completion)
    {
        _watching = (completion.Flags & IoUringAbi.CompletionMore) != 0;
        if (IsClosing)
        {
            End();
            return;
        }

        if (!_watching)
        {
            Watch();    // the kernel may end a multishot poll for reasons of its own
        }

        Accept();
    }

    protected override void Watch()
    {
        if (_place < 0)
        {
            _place = Worker.Add(this);
        }

        _watching = true;
        SubmissionEntry* entry = Worker.Prepare(Operation.PollAdd, Descriptor, _place, Purpose.Accept);
        entry->Length = IoUringAbi.PollMultishot;
        entry->OperationFlags = IoUringAbi.PollIn;
    }

    protected override void Unwatch()
    {
        if (_watching)
        {
            Worker.Cancel(_place, Purpose.Accept);
        }
        else
        {
            End();
        }
    }

    private void End()
    {
        if (_watching)
        {
            return;
        }

        if (_place >= 0)
        {
            Worker.Remove(_place);
        }

        FinishClose();
    }
}
