using Iocp.Core;

namespace Framing.Testing.Proving;

/// <summary>Decodes streams as a connection does: by the real assembler, read by read, each read in memory that is spoilt afterwards.</summary>
internal sealed class StreamRunner(IFraming framing)
{
    private readonly PinnedArrayPool _pool = new(maxRetainedBytes: 1 << 24);
    private byte[] _read = [];

    public long Runs { get; private set; }

    public long Bytes { get; private set; }

    /// <param name="stream">The whole stream.</param>
    /// <param name="cuts">Where it is cut: ascending offsets inside the stream.</param>
    public Outcome Run(ReadOnlySpan<byte> stream, ReadOnlySpan<int> cuts)
    {
        Runs++;
        Bytes += stream.Length;
        Outcome outcome = new();
        if (Open(outcome) is not { } watched)
        {
            return outcome;
        }

        FrameAssembler assembler = new(watched);
        int start = 0;
        AssemblerStatus status = AssemblerStatus.NeedMore;
        for (int i = 0; i <= cuts.Length && status == AssemblerStatus.NeedMore; i++)
        {
            int end = i < cuts.Length ? cuts[i] : stream.Length;
            status = Read(ref assembler, stream[start..end], outcome);
            start = end;
        }

        Close(ref assembler, status, outcome, watched);
        return outcome;
    }

    /// <summary>Two connections at once, byte by byte in turn; the second begins so many bytes later.</summary>
    public (Outcome First, Outcome Second) RunTwo(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int later)
    {
        Runs += 2;
        Bytes += first.Length + second.Length;
        Outcome one = new(), two = new();
        if (Open(one) is not { } watchedOne || Open(two) is not { } watchedTwo)
        {
            return (one, two);
        }

        FrameAssembler a = new(watchedOne), b = new(watchedTwo);
        AssemblerStatus statusOne = AssemblerStatus.NeedMore, statusTwo = AssemblerStatus.NeedMore;
        for (int i = 0; i < Math.Max(first.Length, second.Length + later); i++)
        {
            if (i < first.Length && statusOne == AssemblerStatus.NeedMore)
            {
                statusOne = Read(ref a, first.Slice(i, 1), one);
            }

            if (i >= later && i - later < second.Length && statusTwo == AssemblerStatus.NeedMore)
            {
                statusTwo = Read(ref b, second.Slice(i - later, 1), two);
            }
        }

        Close(ref a, statusOne, one, watchedOne);
        Close(ref b, statusTwo, two, watchedTwo);
        return (one, two);
    }

    private WatchedDecoder? Open(Outcome outcome)
    {
        try
        {
            if (framing.CreateDecoder() is { } decoder)
            {
                return new WatchedDecoder(decoder, framing.MaxFrameLength);
            }

            outcome.Violation = new Finding(DecoderRule.LegalResult, "a decoder for each connection", "CreateDecoder returned null");
        }
        catch (Exception exception)
        {
            outcome.Violation = new Finding(DecoderRule.NoException, "no exception", $"CreateDecoder threw {exception.GetType().Name}: {exception.Message}");
        }

        return null;
    }

    private AssemblerStatus Read(ref FrameAssembler assembler, ReadOnlySpan<byte> bytes, Outcome outcome)
    {
        if (_read.Length < bytes.Length)
        {
            _read = new byte[bytes.Length * 2];
        }

        Span<byte> lent = _read.AsSpan(0, bytes.Length);
        bytes.CopyTo(lent);
        ReadOnlySpan<byte> input = lent;
        AssemblerStatus status;
        while ((status = assembler.Next(ref input, _pool, framing.MaxFrameLength, out Frame frame)) == AssemblerStatus.Frame)
        {
            outcome.Frames.Add(new FoundFrame(frame.StreamOffset, assembler.StreamOffset, frame.Bytes.ToArray()));
        }

        lent.Fill(0xCC);
        return status;
    }

    private void Close(ref FrameAssembler assembler, AssemblerStatus status, Outcome outcome, WatchedDecoder watched)
    {
        outcome.End = status switch
        {
            AssemblerStatus.Rejected => StreamEnd.Rejected,
            AssemblerStatus.Failed => StreamEnd.Failed,
            _ => assembler.InsideFrame ? StreamEnd.Truncated : StreamEnd.Clean,
        };
        outcome.Rejection = assembler.Rejection;
        outcome.EndOffset = outcome.End == StreamEnd.Truncated ? assembler.StreamOffset : 0;
        Exception? error = assembler.Error;
        assembler.Release(_pool);
        outcome.BytesInVain = watched.BytesInVain;
        outcome.Violation = watched.Violation
            ?? (error is null ? null : new Finding(DecoderRule.LegalResult, "a decoder that keeps its contract", error.Message));
    }
}
