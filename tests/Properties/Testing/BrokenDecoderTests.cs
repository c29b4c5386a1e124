using Framing.Testing;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Testing;

/// <summary>Each way of breaking the contract is caught by the rule that names it; the decoder that is right passes.</summary>
public sealed class BrokenDecoderTests
{
    private static readonly Sample[] s_samples =
    [
        Sample.Legal("ab", "ab\n"u8, ["ab"u8.ToArray()]),
        Sample.Legal("three lines", "hello\n\nworld\n"u8, ["hello"u8.ToArray(), [], "world"u8.ToArray()]),
        Sample.Legal("a longer line", "twenty bytes of text\n"u8),
        Sample.Refused("a NUL", "a\nb\0c\n"u8, "Nul", ["a"u8.ToArray()]),
        Sample.Refused("too long", [.. Enumerable.Repeat((byte)'x', 250), (byte)'\n'], "TooLong", []),
    ];

    public static TheoryData<string, DecoderRule> Broken => new()
    {
        { nameof(AllocatingDecoder), DecoderRule.NoAllocation },
        { nameof(ThrowingDecoder), DecoderRule.NoException },
        { nameof(ImpatientDecoder), DecoderRule.NeedMoreGrows },
        { nameof(InsatiableDecoder), DecoderRule.NeedMoreWithinLimit },
        { nameof(CuttingDecoder), DecoderRule.SameForEveryCutting },
        { nameof(ForgetfulDecoder), DecoderRule.SameForEveryCutting },
        { nameof(OutsideDecoder), DecoderRule.FrameInsideInput },
        { nameof(QuadraticDecoder), DecoderRule.LinearWork },
        { nameof(SwallowingDecoder), DecoderRule.TruncatedTail },
        { nameof(IdleDecoder), DecoderRule.LegalResult },
        { nameof(EmptyResultDecoder), DecoderRule.LegalResult },
        { nameof(GenerousDecoder), DecoderRule.MaxFrameLength },
        { nameof(FirstOnlyDecoder), DecoderRule.Coalesced },
        { nameof(SharingDecoder), DecoderRule.SeparateConnections },
        { nameof(HoardingDecoder), DecoderRule.NoException },
    };

    [Fact]
    public void The_decoder_that_is_right_passes()
    {
        DecoderProofReport report = DecoderProof.Run(Lines(() => new LineDecoder()), s_samples, new DecoderProofOptions { Seed = 5 });
        Assert.Equal(5, report.Seed);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_decoder_is_caught_by_the_rule_that_names_it(string decoder, DecoderRule rule) => RequireCaught(decoder, rule, s_samples);

    [Theory]
    [InlineData(nameof(StallingDecoder), DecoderRule.NeedMoreGrows)]
    [InlineData(nameof(PassingDecoder), DecoderRule.LegalResult)]
    [InlineData(nameof(OverrunningDecoder), DecoderRule.NoException)]
    public void What_only_a_long_line_brings_to_light_is_caught_with_short_samples(string decoder, DecoderRule rule)
        => RequireCaught(decoder, rule, s_samples[..^1]);

    [Fact]
    public void A_decoder_that_looks_at_all_again_is_caught_whatever_it_asks_for()
    {
        DecoderProofException failure = Caught(new QuadraticCommands(), [Sample.Legal("two", "SET 1\r\nGET\r\n"u8)], new DecoderProofOptions { Mutations = 0 });
        Assert.Equal(DecoderRule.LinearWork, failure.Rule);
    }

    [Fact]
    public void A_decoder_that_looks_at_a_head_once_more_when_it_is_whole_passes()
    {
        byte[] frame = [.. "300 "u8, .. Enumerable.Repeat((byte)'x', 140), .. "\r\n\r\n"u8, .. new byte[300]];
        DecoderProof.Run(new HeadFraming(), [Sample.Legal("a head and a body", frame, [frame])], new DecoderProofOptions { Mutations = 100 });
    }

    [Fact]
    public void A_MaxFrameLength_that_does_not_count_all_that_is_consumed_is_caught_with_short_samples()
    {
        DecoderProofException failure = Caught(new ShortFraming(), s_samples[..^1], new DecoderProofOptions { Mutations = 0 });
        Assert.Equal(DecoderRule.NeedMoreWithinLimit, failure.Rule);
    }

    [Fact]
    public void A_decoder_that_connections_share_is_caught_with_one_sample()
    {
        DecoderProofException failure = Caught(new OneDecoderFraming(), [Sample.Legal("ab", "ab\n"u8)], new DecoderProofOptions { Mutations = 0 });
        Assert.Equal(DecoderRule.SeparateConnections, failure.Rule);
    }

    [Fact]
    public void A_frame_without_end_is_tried_behind_a_sample_of_one_byte_too()
    {
        DecoderProofException failure = Caught(Lines(() => new InsatiableDecoder()), [Sample.Legal("an empty line", "\n"u8, [[]])], new DecoderProofOptions { Mutations = 0 });
        Assert.Equal(DecoderRule.NeedMoreWithinLimit, failure.Rule);
    }

    [Fact]
    public void A_decoder_that_tires_of_a_legal_stream_is_caught()
    {
        DecoderProofException failure = Caught(Lines(() => new TiringDecoder()), [Sample.Legal("ab", "ab\n"u8)], new DecoderProofOptions { Mutations = 0 });
        Assert.Equal(DecoderRule.Coalesced, failure.Rule);
        Assert.Contains("TooLong", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_frames_the_last_are_cut_around_as_the_first_are()
    {
        byte[] line = [.. Enumerable.Repeat((byte)'x', 99), (byte)'\n'], stream = [.. Enumerable.Repeat(line, LateDecoder.Lines).SelectMany(line => line)];
        DecoderProofException failure = Caught(Lines(() => new LateDecoder()), [Sample.Legal("many lines", stream)], new DecoderProofOptions { Mutations = 0 });
        Assert.Equal(DecoderRule.SameForEveryCutting, failure.Rule);
        Assert.Equal([stream.Length - 1], failure.Cuts);
    }

    [Fact]
    public void What_fails_in_a_long_stream_is_made_smaller_for_a_while_only()
    {
        int decoders = 0;
        LongFraming framing = new(() => decoders++);
        DecoderProofException failure = Caught(framing, [Sample.Legal("an empty line", "\n"u8)], new DecoderProofOptions { Mutations = 0 });
        Assert.Equal(DecoderRule.SameForEveryCutting, failure.Rule);
        Assert.InRange(decoders, 10, 1_000);
    }

    [Fact]
    public void A_header_that_is_skipped_is_caught_where_the_stream_ends_behind_it()
    {
        DecoderProofException failure = Caught(Lines(() => new HeaderSkippingDecoder()), [Sample.Legal("two", [2, 7, 8, 1, 9], [[7, 8], [9]])]);
        Assert.Equal((DecoderRule.TruncatedTail, 1), (failure.Rule, failure.Stream.Length));
        Assert.Contains("what follows, 07080109, gives alone: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decoders_are_disposed_whatever_is_found()
    {
        int alive = 0;
        DecoderProof.Run(Lines(() => Begin(forgets: false)), s_samples, new DecoderProofOptions { Mutations = 10 });
        Assert.Equal(0, alive);
        Assert.Equal(DecoderRule.LinearWork, Caught(Lines(() => Begin(forgets: true)), s_samples).Rule);
        Assert.Equal(0, alive);

        DisposableDecoder Begin(bool forgets)
        {
            alive++;
            return new DisposableDecoder(() => alive--, forgets);
        }
    }

    [Fact]
    public void A_decoder_that_throws_when_it_is_disposed_is_caught_for_that()
        => Assert.Equal(DecoderRule.NoException, Caught(Lines(() => new DisposableDecoder(() => throw new InvalidOperationException("not now"))), s_samples).Rule);

    [Fact]
    public void A_decoder_that_connections_share_and_that_remembers_is_caught()
    {
        // Each connection alone is served well: it ends where the next begins.
        LineDecoder shared = new();
        Sample[] legal = [s_samples[0], s_samples[1]];
        DecoderProofException failure = Caught(Lines(() => shared), legal);
        Assert.Contains(failure.Rule, new[] { DecoderRule.SeparateConnections, DecoderRule.SameForEveryCutting, DecoderRule.NoException });
    }

    [Fact]
    public void What_happens_only_once_is_shown_as_it_was_seen()
    {
        DecoderProofException failure = Caught(new OnceFraming(), [Sample.Legal("ab", "ab\n"u8)]);
        Assert.Equal(DecoderRule.SameForEveryCutting, failure.Rule);
        Assert.Contains("a frame of 2 bytes 6162 at 0", failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Cuts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_framing_that_throws_is_caught(bool creates)
        => Assert.Equal(DecoderRule.NoException, Caught(new ThrowingFraming(creates), s_samples).Rule);

    [Fact]
    public void A_sample_with_another_frame_is_caught()
        => Assert.Equal(DecoderRule.SampleFrames, Caught(Lines(() => new LineDecoder()), [Sample.Legal("ab", "ab\n"u8, ["ac"u8.ToArray()])]).Rule);

    [Fact]
    public void A_legal_sample_that_is_refused_or_unfinished_is_caught()
    {
        Assert.Equal(DecoderRule.SampleFrames, Caught(Lines(() => new LineDecoder()), [Sample.Legal("a NUL", "\0"u8)]).Rule);
        Assert.Equal(DecoderRule.SampleFrames, Caught(Lines(() => new LineDecoder()), [Sample.Legal("half", "half"u8)]).Rule);
    }

    [Fact]
    public void A_sample_that_is_not_refused_as_it_says_is_caught()
    {
        Assert.Equal(DecoderRule.SampleRejection, Caught(Lines(() => new LineDecoder()), [Sample.Refused("a NUL", "\0"u8, "TooLong")]).Rule);
        Assert.Equal(DecoderRule.SampleRejection, Caught(Lines(() => new LineDecoder()), [Sample.Refused("ab", "ab\n"u8, "Nul")]).Rule);
    }

    [Fact]
    public void The_failure_shows_the_smallest_cutting()
    {
        DecoderProofException failure = Caught(Lines(() => new CuttingDecoder()), [s_samples[2]]);
        Assert.Equal([1], failure.Cuts);
        Assert.Equal(
            """
            CuttingDecoder of the framing "lines" breaks SameForEveryCutting: the same stream gives the same frames and the same rejection, however it is cut into reads.
              stream    a longer line, 21 bytes
              reads     2, of 1, 20 bytes
              bytes     74 | 77656E7479206279746573206F6620746578740A
            """.ReplaceLineEndings(Environment.NewLine), string.Join(Environment.NewLine, failure.Message.Split(Environment.NewLine)[..4]));
    }

    [Fact]
    public void The_seed_of_a_failure_finds_it_again()
    {
        // Only a mutation has such a byte.
        IFraming framing = Lines(() => new FussyDecoder());
        DecoderProofException first = Caught(framing, s_samples);
        DecoderProofException again = Caught(framing, s_samples, new DecoderProofOptions { Seed = first.Seed });
        Assert.Equal(first.Message, again.Message);
        Assert.Contains($"seed      {first.Seed}", first.Message, StringComparison.Ordinal);
        Assert.InRange(first.Stream.Length, 1, 2);
    }

    [Fact]
    public void A_decoder_that_may_allocate_passes()
        => DecoderProof.Run(Lines(() => new AllocatingDecoder()), s_samples, new DecoderProofOptions { MayAllocate = true });

    [Fact]
    public void Samples_that_prove_nothing_are_refused_by_name()
    {
        Refused("There is no sample; ");
        Refused("samples[1] is nothing (0 bytes); ", Sample.Legal("line", "a\n"u8), Sample.Legal("nothing", []));
        Refused("samples[0] is long (16777217 bytes); ", Sample.Legal("long", new byte[(16 << 20) + 1]));
        Refused("samples[0] is null; ", [null!]);
        Refused("The samples have 83886080 bytes together; ", [.. Enumerable.Repeat(Sample.Legal("many", new byte[16 << 20]), 5)]);
        Assert.StartsWith("frames[1] of sample is null.", Assert.Throws<ArgumentException>(() => Sample.Legal("sample", "a\n"u8, [[], null!])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Sample.OfFrames("sample", [null!]));

        static void Refused(string why, params Sample[] samples)
            => Assert.StartsWith(why, Assert.Throws<ArgumentException>(nameof(samples), () => DecoderProof.Run(Lines(() => new LineDecoder()), samples)).Message, StringComparison.Ordinal);
    }

    private static void RequireCaught(string decoder, DecoderRule rule, Sample[] samples)
    {
        Type type = typeof(LineDecoder).Assembly.GetType($"{typeof(LineDecoder).Namespace}.{decoder}", throwOnError: true)!;
        DecoderProofException failure = Caught(Lines(() => (IFrameDecoder)Activator.CreateInstance(type)!), samples);
        Assert.True(rule == failure.Rule, failure.Message);
        Assert.StartsWith($"{decoder} of the framing \"lines\" breaks {rule}: ", failure.Message, StringComparison.Ordinal);
    }

    private static LineFraming Lines(Func<IFrameDecoder> create) => new(create);

    private static DecoderProofException Caught(IFraming framing, IEnumerable<Sample> samples, DecoderProofOptions? options = null)
        => Assert.Throws<DecoderProofException>(() => DecoderProof.Run(framing, samples, options));

    private sealed class DisposableDecoder(Action dispose, bool forgets = false) : LineDecoder, IDisposable
    {
        public override DecodeResult Decode(ReadOnlySpan<byte> unread)
        {
            Seen = forgets ? 0 : Seen;
            return base.Decode(unread);
        }

        public void Dispose() => dispose();
    }

    private sealed class FussyDecoder : IFrameDecoder
    {
        private readonly LineDecoder _lines = new();

        public DecodeResult Decode(ReadOnlySpan<byte> unread)
            => unread[0] is > 0x7F and < 0xFF ? throw new FormatException("not ASCII") : _lines.Decode(unread);
    }
}
