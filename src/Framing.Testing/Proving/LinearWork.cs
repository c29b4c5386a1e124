using Iocp.Core;

namespace Framing.Testing.Proving;

/// <summary>
/// Counts the bytes handed to the decoder in calls that it answers with NeedMore, for a stream that comes byte by byte. While they are few times the bytes
/// received, the work is linear whatever the decoder does with them. A decoder that asks for a little more each time is handed all its frame's bytes again
/// for each (the assembler gives larger pieces only while a read has them), and must remember how far it has looked. Whether it does is found by bait: what
/// ends frames is written over bytes that it has already looked at; a decoder that takes it there has looked at them again.
/// </summary>
internal static class LinearWork
{
    private const int FewTimes = 4;
    private const int Filler = 200;
    private const int Middles = 8;
    private const int LookBack = 16;        // a terminator may begin in the last bytes seen; those may be looked at again
    private const int Places = 32;
    private const int Least = 64;           // in shorter frames it does not matter

    public static void Check(Prover prover, Trial trial)
    {
        byte[][] baits = [.. Baits(trial)];
        foreach (FoundFrame frame in trial.Whole.Frames.Where(frame => frame.End > frame.Offset + 1).Take(Middles))
        {
            int middle = (int)((frame.Offset + frame.End) / 2);
            int filler = (int)Math.Min(Filler, prover.MaxFrameLength - (middle - frame.Offset) - 8);
            if (filler < Least)
            {
                continue;
            }

            byte[] bytes = [.. trial.Bytes[..middle], .. Enumerable.Repeat(trial.Bytes[middle - 1], filler)];
            string name = $"{trial.Name}, its first {middle} bytes and then {filler} times the last";
            int[] cuts = Cuttings.Every(1, bytes.Length);
            Outcome outcome = prover.Runner.Run(bytes, cuts);
            if (outcome.Violation is { } violation)
            {
                prover.Fail(violation, name, bytes, cuts);      // a frame as long as this may be in no sample
            }

            if (outcome.BytesInVain > (long)FewTimes * bytes.Length)
            {
                Bait(prover, name, bytes, outcome.BytesInVain, baits);
            }
        }
    }

    private static void Bait(Prover prover, string name, byte[] bytes, long inVain, byte[][] baits)
    {
        // The last two calls: one of them may be the one in which a head is whole, and is rightly read once more from its beginning.
        Fed last = Feed(prover.Framing, bytes, -1, []);
        Fed before = Feed(prover.Framing, bytes[..Math.Max(0, last.End - 1)], -1, []);
        if (last.Result.Status != DecodeStatus.NeedMore || before.Result.Status != DecodeStatus.NeedMore || before.Have < Least)
        {
            return;
        }

        int taken = 0, tried = 0;
        for (int place = 0; place < Places; place++)
        {
            int at = (before.Have - (2 * LookBack)) * place / Places;
            tried++;
            taken += IsNoticed(prover.Framing, bytes, before, at, baits) && IsNoticed(prover.Framing, bytes, last, at, baits) ? 1 : 0;
        }

        if (taken * 2 >= tried)
        {
            prover.Fail(
                new Finding(
                    DecoderRule.LinearWork,
                    "NeedMore that says how many bytes are needed, or a decoder that remembers how far it has looked",
                    $"{inVain} bytes handed over in vain for {bytes.Length} received, and looked at again: with {before.Have} bytes there, a change of bytes seen before was noticed at {taken} of {tried} places"),
                name, bytes, Cuttings.Every(1, bytes.Length));
        }
    }

    private static bool IsNoticed(IFraming framing, byte[] bytes, Fed call, int at, byte[][] baits)
        => baits.Any(bait => !Same(Feed(framing, bytes[..call.End], at, bait).Result, call.Result));

    /// <summary>
    /// Byte by byte as the assembler does; when the last byte has come the bait is written over the unread bytes. The last call; default where the decoder
    /// throws or breaks its contract. That is no finding: never does a stream change behind a decoder's back. But the change was noticed.
    /// </summary>
    private static Fed Feed(IFraming framing, byte[] stream, int at, byte[] bait)
    {
        byte[] bytes = [.. stream];
        int start = 0, needed = 1;
        Fed last = default;
        try
        {
            using WatchedDecoder decoder = new(framing.CreateDecoder(), framing.MaxFrameLength);
            for (int end = 1; end <= bytes.Length; end++)
            {
                if (end == bytes.Length && at >= 0)
                {
                    bait.CopyTo(bytes, start + at);
                }

                while (end - start >= needed)
                {
                    DecodeResult result = decoder.Decode(bytes.AsSpan(start..end));
                    if (decoder.Violation is not null)
                    {
                        return default;     // such a result may be one that never gets on
                    }

                    last = new Fed(result, end - start, end);
                    if (result.Status == DecodeStatus.Reject)
                    {
                        return last;
                    }

                    if (result.Status == DecodeStatus.FrameAssembled)
                    {
                        decoder.ReleaseAssembled();
                    }

                    start += result.Consumed;
                    needed = result.Status == DecodeStatus.NeedMore ? result.Length : 1;
                }
            }
        }
        catch (Exception)
        {
            return default;
        }

        return last;
    }

    private static bool Same(DecodeResult x, DecodeResult y) => x.Status == y.Status && x.Start == y.Start && x.Length == y.Length && x.Consumed == y.Consumed;

    // Whatever ended a frame of the sample, and bytes that many formats refuse.
    private static IEnumerable<byte[]> Baits(Trial trial)
    {
        int[] lengths = [1, 2, 3, 4, 8];
        IEnumerable<byte[]> ends =
            from frame in trial.Whole.Frames.Take(Middles)
            from length in lengths
            where length <= frame.End - frame.Offset
            select trial.Bytes[(int)(frame.End - length)..(int)frame.End];
        return ends.Append([0]).Append([0xFF]).DistinctBy(Convert.ToHexString);
    }

    /// <summary>A call of the decoder.</summary>
    /// <param name="Result">What it said.</param>
    /// <param name="Have">The bytes that it was given.</param>
    /// <param name="End">Where they end in the stream.</param>
    private readonly record struct Fed(DecodeResult Result, int Have, int End);
}
