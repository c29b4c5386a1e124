using Framing.Properties.Generators;
using Framing.Testing;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Decoding;

/// <summary>What holds for every length-prefixed format, every stream and every cutting of it.</summary>
[Properties(Arbitrary = [typeof(Traffic)], MaxTest = 300)]
public abstract class DecodingProperties<TFormats>
    where TFormats : IWireFormats
{
    [Property]
    public void Frames_cut_anywhere_are_the_same_frames(LegalTraffic<TFormats> traffic)
    {
        List<string> expected = [];
        int offset = 0;
        foreach (byte[] frame in traffic.Frames)
        {
            expected.Add(Describe.Frame(expected.Count, offset, frame));
            offset += frame.Length;
        }

        expected.Add(Describe.Clean);
        Assert.Equal(expected, AssemblerDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting));
    }

    [Property]
    public void A_malformed_header_gives_the_frames_before_it_and_then_exactly_its_rejection(MalformedTraffic<TFormats> traffic)
    {
        List<string> expected = [];
        int offset = 0;
        foreach (byte[] frame in traffic.Frames)
        {
            expected.Add(Describe.Frame(expected.Count, offset, frame));
            offset += frame.Length;
        }

        expected.Add(Describe.Rejected(traffic.Rejection with { StreamOffset = offset, FrameIndex = expected.Count }));
        Assert.Equal(expected, AssemblerDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting));
    }

    [Property(MaxTest = 50)]
    public void Truncation_at_every_byte_is_reported(LegalTraffic<TFormats> traffic)
    {
        byte[] bytes = traffic.Bytes;
        int step = 1 + (bytes.Length / 300);    // every byte of a short stream; of a long one 300 places, boundaries too
        int boundary = 0;
        IEnumerable<int> boundaries = traffic.Frames.Select(frame => boundary += frame.Length);
        foreach (int length in Enumerable.Range(0, bytes.Length + 1).Where(length => length % step == 0).Concat(boundaries))
        {
            byte[] prefix = bytes[..length];
            List<string> lines = AssemblerDriver.Run(traffic.Format.Framing, prefix, traffic.Cutting);
            int whole = 0;
            int frames = traffic.Frames.TakeWhile(frame => whole + frame.Length <= length && (whole += frame.Length) >= 0).Count();
            Assert.Equal(frames + 1, lines.Count);
            Assert.Equal(whole == length ? Describe.Clean : Describe.Truncated(whole, length - whole), lines[^1]);
        }
    }

    [Property]
    public void Any_bytes_give_what_the_reference_decoder_finds_however_they_are_cut(HostileTraffic<TFormats> traffic)
        => Assert.Equal(ReferenceDecoder.Run(traffic.Format, traffic.Bytes), AssemblerDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting));

    [Property]
    public void Pausing_anywhere_changes_no_frame(HostileTraffic<TFormats> traffic, PausePlan pauses)
        => Assert.Equal(ReferenceDecoder.Run(traffic.Format, traffic.Bytes), AssemblerDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting, pauses: pauses));

    [Property]
    public void Legal_frames_survive_pauses(LegalTraffic<TFormats> traffic, PausePlan pauses)
        => Assert.Equal(ReferenceDecoder.Run(traffic.Format, traffic.Bytes), AssemblerDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting, pauses: pauses));

    [Property(MaxTest = 100)]
    public void The_decoder_never_throws_and_never_asks_for_no_more_than_it_has(HostileTraffic<TFormats> traffic)
    {
        IFraming framing = traffic.Format.Framing;
        IFrameDecoder decoder = framing.CreateDecoder();
        DecodeResult decided = default;
        for (int have = 1; have <= Math.Min(traffic.Bytes.Length, 400); have++)
        {
            DecodeResult result = decoder.Decode(traffic.Bytes.AsSpan(0, have));
            switch (result.Status)
            {
                case DecodeStatus.NeedMore:
                    Assert.InRange(result.Length, have + 1, framing.MaxFrameLength);
                    Assert.Equal(DecodeStatus.None, decided.Status);
                    break;
                case DecodeStatus.Frame:
                    Assert.Equal((0, result.Length), (result.Start, result.Consumed));
                    Assert.InRange(result.Length, traffic.Format.HeadSize, Math.Min(have, framing.MaxFrameLength));
                    break;
                default:
                    Assert.Equal(DecodeStatus.Reject, result.Status);
                    break;
            }

            if (decided.Status != DecodeStatus.None)
            {
                Assert.Equal((decided.Status, decided.Length, decided.Rejection), (result.Status, result.Length, result.Rejection));    // more bytes never change a decision
            }

            decided = result.Status == DecodeStatus.NeedMore ? default : result;
        }
    }

    [Property]
    public void A_header_is_judged_as_soon_as_its_bytes_are_there(MalformedTraffic<TFormats> traffic)
    {
        IFrameDecoder decoder = traffic.Format.Framing.CreateDecoder();
        Assert.Equal(traffic.Rejection, decoder.Decode(traffic.Head).Rejection);
        for (int have = 1; have < traffic.Head.Length; have++)
        {
            Assert.Equal((DecodeStatus.NeedMore, traffic.Head.Length), (decoder.Decode(traffic.Head.AsSpan(0, have)).Status, decoder.Decode(traffic.Head.AsSpan(0, have)).Length));
        }
    }

    [Property]
    public void Between_reads_less_than_one_frame_is_held_and_nothing_between_frames(LegalTraffic<TFormats> traffic)
    {
        List<int> boundaries = [0];
        foreach (byte[] frame in traffic.Frames)
        {
            boundaries.Add(boundaries[^1] + frame.Length);
        }

        AssemblerDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting, (in assembler, pool, received) =>
        {
            int start = boundaries.Last(boundary => boundary <= received);
            Assert.Equal(received - start, assembler.BytesHeld);
            Assert.Equal(received > start, assembler.InsideFrame);
            Assert.Equal(start, assembler.StreamOffset);
            Assert.Equal(assembler.Capacity > 0 ? 1 : 0, pool.Outstanding);
            if (received == start)
            {
                Assert.Equal(0, assembler.Capacity);
            }
        });
    }

    [Property]
    public void Memory_grows_with_the_bytes_that_came_and_never_with_the_length_claimed(HostileTraffic<TFormats> traffic)
        => AssemblerDriver.Run(traffic.Format.Framing, traffic.Bytes, traffic.Cutting, (in assembler, pool, received) =>
        {
            Assert.InRange(assembler.Capacity, 0, 2 * received);
            Assert.InRange(pool.LargestRent, 0, 2 * received);
            if (assembler.Rejection is null)
            {
                Assert.InRange(assembler.Capacity, 0, 2 * assembler.BytesHeld);
            }
        });

    [Property]
    public void Nothing_is_rented_for_a_header_before_it_is_judged_legal(MalformedTraffic<TFormats> traffic)
    {
        byte[] headAndRest = [.. traffic.Head, .. traffic.Rest];
        AssemblerDriver.Run(traffic.Format.Framing, headAndRest, traffic.Cutting, (in assembler, pool, received) => Assert.Equal(0, pool.Rented));
    }

    [Property]
    public void What_is_received_as_frames_may_be_sent_and_what_is_refused_may_not(HostileTraffic<TFormats> traffic)
    {
        FrameRejection? outgoing = traffic.Format.Framing.CheckOutgoing(traffic.Bytes);
        List<string> incoming = ReferenceDecoder.Run(traffic.Format, traffic.Bytes);
        string expected = traffic.Bytes.Length == 0 ? "EmptyData" : incoming[^1];
        Assert.Equal(expected, Describe.Outgoing(outgoing));
    }

    [Property]
    public void One_or_more_whole_legal_frames_may_be_sent(LegalTraffic<TFormats> traffic)
        => Assert.Equal(traffic.Frames.Count == 0 ? "EmptyData" : null, traffic.Format.Framing.CheckOutgoing(traffic.Bytes)?.Reason);
}

public sealed class PacketHeadDecoding : DecodingProperties<PacketHeadFormats>;

public sealed class OrderHeadDecoding : DecodingProperties<OrderHeadFormats>;

/// <summary>PACKET_HEAD declared as data is judged by what judges the compiled one.</summary>
public sealed class PacketHeadLayoutDecoding : DecodingProperties<PacketHeadLayoutFormats>;
