using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Testing;

/// <summary>The generators that users get: what they make, that they reach what they promise, and how small a failing case becomes.</summary>
[Properties(Arbitrary = [typeof(FrameArbitraries<Packets>)], MaxTest = 300)]
public sealed class GeneratorTests
{
    private static readonly IFraming s_framing = BinaryFraming.Create();
    private static readonly FrameTraffic[] s_traffic = Sample(FrameArbitraries<Packets>.Traffic());
    private static readonly DamagedTraffic[] s_damaged = Sample(FrameArbitraries<Packets>.Damaged());

    [Property]
    public void The_reads_put_end_to_end_are_the_stream_and_none_is_empty(FrameTraffic traffic, Cutting cutting)
    {
        Assert.Equal(traffic.Frames.SelectMany(frame => frame), traffic.Bytes);
        foreach (IEnumerable<ReadOnlyMemory<byte>> reads in new[] { traffic.Reads, cutting.Of(traffic.Bytes) })
        {
            Assert.DoesNotContain(reads, read => read.IsEmpty);
            Assert.Equal(traffic.Bytes, reads.SelectMany(read => read.ToArray()));
        }
    }

    [Property]
    public void The_frames_come_one_by_one(FrameTraffic traffic)
        => Assert.Equal([.. Lines(traffic.Frames), Describe.Clean], Run(traffic.Bytes, traffic.Cutting));

    [Property]
    public void The_frames_ahead_of_all_damage_come_first(DamagedTraffic traffic)
        => Assert.Equal(Lines(traffic.FramesAhead), Run(traffic.Bytes, traffic.Cutting).Take(traffic.FramesAhead.Count));

    [Fact]
    public void Cuttings_are_of_every_nasty_kind()
    {
        FrameTraffic[] several = [.. s_traffic.Where(traffic => traffic.Frames.Count > 2)];
        Reaches(several, traffic => traffic.Reads.Count() == 1);
        Reaches(several, traffic => traffic.Reads.All(read => read.Length == 1));
        Reaches(several, traffic => traffic.Reads.Select(read => read.Length).SequenceEqual(traffic.Frames.Select(frame => frame.Length)));
        Reaches(several, traffic => Cuts(traffic).Contains(traffic.Frames[0].Length - 1) && Cuts(traffic).Count() < 5);
        Reaches(several, traffic => Cuts(traffic).Contains(traffic.Frames[0].Length + 1) && Cuts(traffic).Count() < 5);
        Reaches(several, traffic => Cuts(traffic).Count() > 12 && Cuts(traffic).All(cut => IntoFrame(traffic, cut) is > 0 and <= 16));
    }

    [Fact]
    public void Damage_is_of_every_kind()
    {
        string[][] outcomes = [.. s_damaged.Select(traffic => Run(traffic.Bytes, traffic.Cutting).ToArray())];
        foreach (string outcome in new[] { Describe.Clean, "truncated", "TotalLengthNegative", "TotalLengthTooShort", "PayloadTooLong" })
        {
            Reaches(outcomes, lines => lines[^1].Contains(outcome, StringComparison.Ordinal));
        }

        foreach (string damage in new[] { "it ends at", "from ", " are missing", " is put in at ", " is written over " })
        {
            Reaches(s_damaged, traffic => traffic.ToString().Contains(damage, StringComparison.Ordinal));
        }

        Reaches(s_damaged, traffic => traffic.FramesAhead.Count > 2);
    }

    [Fact]
    public void A_failing_case_becomes_as_small_as_it_can_be()
    {
        // A frame with payload, cut: one such frame is enough, with one byte, cut once.
        foreach (FrameTraffic smallest in Smallest(s_traffic, each => each.Shrink(Packets.Shrink), each => each.Reads.Count() > 1 && each.Frames.Any(frame => frame.Length > 12)))
        {
            Assert.StartsWith("1 frame [", smallest.ToString(), StringComparison.Ordinal);
            Assert.Equal((13, 2), (smallest.Bytes.Length, smallest.Reads.Count()));
        }

        // A length of more than 8192: a header is enough, with at most two bytes in each of its two lengths; where it was cut does not matter.
        DamagedTraffic[] lengths = [.. Smallest(s_damaged, each => each.Shrink(Packets.Shrink), each => Run(each.Bytes, each.Cutting)[^1].Contains("PayloadTooLong", StringComparison.Ordinal))];
        Assert.All(lengths, smallest => Assert.EndsWith(", in one read", smallest.ToString(), StringComparison.Ordinal));
        Assert.InRange(lengths.Count(smallest => smallest.Bytes.Length == 12 && smallest.Bytes.Count(value => value != 0) <= 4), lengths.Length * 8 / 10, lengths.Length);
    }

    [Fact]
    public void A_cutting_needs_sizes_of_at_least_one_byte()
    {
        Assert.Throws<ArgumentException>(() => new Cutting());
        Assert.StartsWith("sizes[1] is 0; ", Assert.Throws<ArgumentException>(() => new Cutting(1, 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("most", () => FrameGenerators.Traffic(Gen.Constant(new byte[1]), most: -1));
        Assert.Equal([0..2, 2..5, 5..9], Cutting.At([5, 2, 0, 5]).Of(9));
        Assert.Equal([0..9], Cutting.At([]).Of(9));
        Assert.Empty(Cutting.ByteByByte.Of(0));
    }

    private static T[] Sample<T>(Arbitrary<T> arbitrary) => [.. arbitrary.Generator.Sample(2_000, 10)];

    private static void Reaches<T>(T[] cases, Func<T, bool> predicate, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(predicate))] string what = "")
        => Assert.True(cases.Count(predicate) > 10, $"{cases.Count(predicate)} of {cases.Length} cases: {what}");

    // As FsCheck does: the first simpler case that still fails, until there is none.
    private static IEnumerable<T> Smallest<T>(T[] cases, Func<T, IEnumerable<T>> shrink, Predicate<T> fails)
        where T : class
    {
        foreach (T found in cases.Where(each => fails(each)).Take(50))
        {
            T smallest = found;
            while (shrink(smallest).FirstOrDefault(each => fails(each)) is { } simpler)
            {
                smallest = simpler;
            }

            yield return smallest;
        }
    }

    private static IEnumerable<int> Cuts(FrameTraffic traffic) => traffic.Cutting.Of(traffic.Bytes.Length).Select(range => range.Start.Value).Where(cut => cut > 0);

    private static int IntoFrame(FrameTraffic traffic, int cut)
    {
        int start = 0;
        return cut - traffic.Frames.TakeWhile(frame => start + frame.Length <= cut && (start += frame.Length) > 0).Sum(frame => frame.Length);
    }

    private static List<string> Run(byte[] bytes, Cutting cutting) => AssemblerDriver.Run(s_framing, bytes, cutting);

    private static List<string> Lines(IReadOnlyList<byte[]> frames)
    {
        int offset = 0;
        return [.. frames.Select((frame, i) => Describe.Frame(i, (offset += frame.Length) - frame.Length, frame))];
    }

    /// <summary>PACKET_HEAD frames, as a user would say what they are.</summary>
    private sealed class Packets : IFrameSource
    {
        private static readonly PacketHeadFormat s_format = new(new BinaryFramingOptions());

        public static Gen<byte[]> Frame => Gen.Choose(0, 30).SelectMany(length => s_format.Frame(new byte[length]));

        public static IEnumerable<byte[]> Shrink(byte[] frame) => s_format.Simpler(frame);
    }
}
