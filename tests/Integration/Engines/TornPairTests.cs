using System.Net.Sockets;
using Iocp.Core;
using Iocp.Core.Engines.IoUring;
using Iocp.Core.Engines.Linux;

namespace Framing.Integration.Engines;

public sealed class IoUringTornPairTests() : TornPairTests(EngineKind.IoUring);

/// <summary>A poll and the receive linked behind it, of which the kernel has memory for the first only: whoever waits for the pair is told once, of every such pair.</summary>
public abstract unsafe class TornPairTests(TestedEngine engine) : EngineTests(engine)
{
    private const ulong Name = 7;

    [Fact]
    public void A_whole_pair_is_told_of_by_the_receive() => Assert.Equal([1], Results(sendsFirst: true, most: uint.MaxValue));

    [Fact]
    public void Of_a_torn_pair_whose_poll_waits_the_poll_tells_that_it_was_cancelled() => Assert.Equal([-Libc.ECANCELED], Results(sendsFirst: false, most: 1));

    /// <summary>By the cancellation, which found none, or by the poll if it was not yet there: the kernel gives it to a thread of its own.</summary>
    [Fact]
    public void Of_a_torn_pair_whose_poll_has_succeeded_the_cancellation_tells_that_it_found_none()
        => Assert.Contains(Assert.Single(Results(sendsFirst: true, most: 1)), new[] { -Libc.ENOENT, -Libc.EALREADY, -Libc.ECANCELED });

    private static int[] Results(bool sendsFirst, uint most)
    {
        using var pair = new SocketPair();
        (Socket socket, Socket peer) = (pair.Socket, pair.Peer);
        byte buffer;
        using var ring = new Ring(8);
        if (sendsFirst)
        {
            SendAByte(peer, socket);
        }

        SubmissionEntry* poll = Prepare(ring, Operation.PollAdd, socket);
        poll->OperationFlags = IoUringAbi.PollIn;
        poll->Flags = IoUringAbi.EntryLink | IoUringAbi.EntrySkipSuccess;
        SubmissionEntry* receive = Prepare(ring, Operation.Receive, socket);
        receive->Address = (ulong)&buffer;
        receive->Length = 1;
        receive->OperationFlags = Libc.MSG_DONTWAIT;
        ring.Submit(waitFor: 0, most);
        List<int> results = [];
        Take(ring, results);
        if (!sendsFirst)
        {
            SendAByte(peer, socket);        // nothing waits for it any more
        }

        Take(ring, results);
        return [.. results];
    }

    private static SubmissionEntry* Prepare(Ring ring, Operation operation, Socket socket)
    {
        SubmissionEntry* entry = ring.Next();
        entry->Operation = operation;
        entry->Descriptor = (int)socket.Handle;
        entry->UserData = Name;
        return entry;
    }

    private static void SendAByte(Socket peer, Socket socket)
    {
        peer.Send([1]);
        Assert.True(socket.Poll(TimeSpan.FromSeconds(30), SelectMode.SelectRead));
    }

    // The one that must come is waited for; one too many would come soon after.
    private static void Take(Ring ring, List<int> results)
    {
        ring.Submit(waitFor: results.Count == 0 ? 1u : 0);
        ring.Submit(waitFor: 0);
        while (ring.TryTake(out CompletionEntry completion))
        {
            Assert.Equal(Name, completion.UserData);
            results.Add(completion.Result);
        }
    }
}
