using System.Net.Sockets;
using Iocp.Core;
using Iocp.Core.Engines.IoUring;
using Iocp.Core.Engines.Linux;

namespace Framing.Integration.Engines;

public sealed class IoUringBufferRingTests() : BufferRingTests(EngineKind.IoUring);

/// <summary>How many receive buffers a worker of io_uring touches.</summary>
public abstract unsafe class BufferRingTests(TestedEngine engine) : EngineTests(engine)
{
    private const int Most = 16;

    [Theory]
    [InlineData(true, new[] { 1, 2, 4, 8, Most, Most })]
    [InlineData(false, new[] { 4, 8, 16, 32, Most * 4, Most * 4 })]
    public void Buffers_are_given_out_when_those_before_have_run_out_and_never_more_than_the_most(bool incremental, int[] counts)
    {
        using var pair = new SocketPair();
        (Socket socket, Socket peer) = (pair.Socket, pair.Peer);
        using var ring = new Ring(8);
        using var buffers = new BufferRing(ring, Most, incremental);
        var used = new List<CompletionEntry>();
        foreach (int count in counts)
        {
            UseAll(ring, buffers, socket, peer, used);
            Assert.Equal(count, used.Count);
            buffers.Grow();
        }

        foreach (CompletionEntry completion in used)
        {
            buffers.Return(completion);
        }

        used.Clear();
        UseAll(ring, buffers, socket, peer, used);
        Assert.Equal(counts[^1], used.Count);
    }

    // Receives until a receive finds no buffer. A completion that uses a buffer up is kept, and its buffer with it.
    private static void UseAll(Ring ring, BufferRing buffers, Socket socket, Socket peer, List<CompletionEntry> used)
    {
        byte[] bytes = new byte[16_384];
        for (int sent = 0; sent <= (Most + 1) * BufferRing.BufferSize; sent += bytes.Length)
        {
            Assert.Equal(bytes.Length, peer.Send(bytes));
            while (socket.Available > 0)
            {
                CompletionEntry completion = Receive(ring, socket);
                if (completion.Result == -Libc.ENOBUFS)
                {
                    return;
                }

                Assert.InRange(completion.Result, 1, BufferRing.BufferSize);
                if ((completion.Flags & IoUringAbi.CompletionBufferMore) != 0)
                {
                    buffers.Return(completion);
                }
                else
                {
                    used.Add(completion);
                }
            }
        }

        Assert.Fail("The buffers never ran out.");
    }

    private static CompletionEntry Receive(Ring ring, Socket socket)
    {
        SubmissionEntry* entry = ring.Next();
        entry->Operation = Operation.Receive;
        entry->Descriptor = (int)socket.Handle;
        entry->Flags |= IoUringAbi.EntryBufferSelect;
        entry->BufferGroup = BufferRing.Group;
        ring.Submit(waitFor: 1);
        Assert.True(ring.TryTake(out CompletionEntry completion));
        return completion;
    }
}
