using Framing.Properties.Generators;
using Framing.Testing;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Decoding;

/// <summary>Sees the assembler after each read; <paramref name="received"/> counts the stream's bytes so far.</summary>
internal delegate void AssemblerObserver(in FrameAssembler assembler, TrackingPool pool, int received);

/// <summary>Feeds a stream to a <see cref="FrameAssembler"/> as an engine does: read by read, each in memory that is spoilt afterwards.</summary>
internal static class AssemblerDriver
{
    public static List<string> Run(
        IFraming framing, byte[] stream, Cutting cutting, AssemblerObserver? afterRead = null, PausePlan? pauses = null)
    {
        TrackingPool pool = new();
        FrameAssembler assembler = new(framing.CreateDecoder());
        List<string> lines = [];
        AssemblerStatus status = AssemblerStatus.NeedMore;
        int? readsToKeep = null;
        int reads = 0;
        foreach (Range range in cutting.Of(stream.Length))
        {
            byte[] read = stream[range];
            if (readsToKeep is null && status == AssemblerStatus.NeedMore && pauses?.Before(reads++) is { } held)
            {
                assembler.Keep(default, pool);      // as when the last frame of a read pauses, or somebody else does between reads
                readsToKeep = held;
                if (held == 0)
                {
                    status = Drain(ref assembler, framing.MaxFrameLength, default, pool, lines, pauses, ref readsToKeep);
                }
            }

            if (readsToKeep > 0)
            {
                assembler.Keep(read, pool);
                readsToKeep--;
            }
            else
            {
                status = Drain(ref assembler, framing.MaxFrameLength, read, pool, lines, pauses, ref readsToKeep);
            }

            read.AsSpan().Fill(0xCC);
            afterRead?.Invoke(in assembler, pool, range.End.Value);
        }

        while (readsToKeep is not null)
        {
            status = Drain(ref assembler, framing.MaxFrameLength, default, pool, lines, pauses, ref readsToKeep);
        }

        lines.Add(status switch
        {
            AssemblerStatus.Rejected => Describe.Rejected(assembler.Rejection!),
            AssemblerStatus.Failed => Describe.Failed(assembler.Error!),
            _ when assembler.InsideFrame => Describe.Truncated(assembler.StreamOffset, assembler.BytesHeld),
            _ => Describe.Clean,
        });
        assembler.Release(pool);
        Assert.Equal(0, pool.Outstanding);
        return lines;
    }

    private static AssemblerStatus Drain(
        ref FrameAssembler assembler, int maxFrameLength, ReadOnlySpan<byte> input, TrackingPool pool, List<string> lines, PausePlan? pauses, ref int? readsToKeep)
    {
        readsToKeep = null;
        AssemblerStatus status;
        while ((status = assembler.Next(ref input, pool, maxFrameLength, out Frame frame)) == AssemblerStatus.Frame)
        {
            lines.Add(Describe.Frame(frame.Index, frame.StreamOffset, frame.Bytes));
            if (pauses?.After(frame.Index) is { } reads)
            {
                assembler.Keep(input, pool);
                readsToKeep = reads;
                return status;
            }
        }

        Assert.True(status != AssemblerStatus.NeedMore || input.IsEmpty, "NeedMore must have taken all input");
        return status;
    }
}
