using System.Runtime.CompilerServices;

namespace Iocp.Core;

// Pull delivery: the application takes frames from the one queue.
public abstract partial class FrameHost
{
    private ReceiveQueue Queue => (Delivery as PullDelivery)?.Queue
        ?? throw new InvalidOperationException("Frames go to the handler of the options; to pull them, leave Handler and ConnectionHandler null.");

    /// <summary>Takes the oldest received frame, if there is one. Pull delivery only.</summary>
    /// <param name="frame">The frame; dispose it when done.</param>
    /// <param name="queued">Frames that are still waiting.</param>
    /// <exception cref="InvalidOperationException">The options chose another delivery.</exception>
    public bool TryReceive(out ReceivedFrame frame, out int queued)
    {
        ReceiveQueue queue = Queue;
        bool taken = queue.TryTake(out FrameLease? lease);
        frame = taken ? lease!.Frame : default;
        queued = queue.Frames;
        return taken;
    }

    /// <summary>Takes the oldest received frame, waiting for one. Pull delivery only; several consumers may wait, then no order within a connection is promised.</summary>
    /// <param name="cancellationToken">Gives up waiting; no frame is lost.</param>
    /// <exception cref="InvalidOperationException">The options chose another delivery; or the host has stopped and every frame was taken.</exception>
    /// <exception cref="ObjectDisposedException">The host was disposed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReceivedFrame> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        FrameLease? lease = await Queue.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (lease is null)
        {
            ObjectDisposedException.ThrowIf(_disposing is not null, this);      // a dispose stops first
            throw new InvalidOperationException("The host has stopped, and every received frame was taken.");
        }

        return lease.Frame;
    }

    /// <summary>All frames, until the host has stopped and every frame was taken. Pull delivery only; several consumers may enumerate at once, each frame goes to one of them.</summary>
    /// <param name="cancellationToken">Gives up waiting; no frame is lost.</param>
    /// <exception cref="InvalidOperationException">The options chose another delivery.</exception>
    /// <exception cref="ObjectDisposedException">The host was disposed before, or, while this waited, with frames that were not taken.</exception>
    public async IAsyncEnumerable<ReceivedFrame> ReceiveAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ReceiveQueue queue = Queue;
        ObjectDisposedException.ThrowIf(_disposing is not null, this);      // later, a dispose that finds all taken is the end
        while (await queue.TakeAsync(cancellationToken).ConfigureAwait(false) is { } lease)
        {
            yield return lease.Frame;
        }
    }
}
