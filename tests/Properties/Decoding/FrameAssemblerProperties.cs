using System.Numerics;
using System.Text;
using Framing.Properties.Generators;
using Framing.Testing;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Decoding;

/// <summary>The assembler with decoders other than length-prefixed ones, and with decoders that break their contract.</summary>
[Properties(Arbitrary = [typeof(Traffic)], MaxTest = 300)]
public sealed class FrameAssemblerProperties
{
    [Property]
    public void Delimited_frames_and_skipped_bytes_are_the_same_for_every_cutting(byte[] choices, Cutting cutting, PausePlan pauses)
    {
        byte[] stream = [.. choices.Select(choice => (byte)"ab\r\n\n"[choice % 5])];
        List<string> expected = [];
        int start = 0;
        for (int i = 0; i < stream.Length; i++)
        {
            if (stream[i] == '\r' && start == i)
            {
                start++;
            }
            else if (stream[i] == '\n')
            {
                expected.Add(Describe.Frame(expected.Count, start, stream.AsSpan(start, i - start)));
                start = i + 1;
            }
        }

        expected.Add(start == stream.Length ? Describe.Clean : Describe.Truncated(start, stream.Length - start));
        Assert.Equal(expected, AssemblerDriver.Run(new CountingLineFraming(), stream, cutting));
        Assert.Equal(expected, AssemblerDriver.Run(new CountingLineFraming(), stream, cutting, pauses: pauses));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void What_is_held_of_a_stream_goes_back_as_soon_as_nothing_more_is_decoded(int length)
    {
        TrackingPool pool = new();
        CountingLineFraming framing = new();
        FrameAssembler assembler = new(framing.CreateDecoder());
        ReadOnlySpan<byte> input = new byte[length];
        Assert.Equal(AssemblerStatus.NeedMore, assembler.Next(ref input, pool, framing.MaxFrameLength, out _));
        assembler.Keep(new byte[length], pool);
        Assert.Equal(length > 16 ? 1 : 0, pool.Outstanding);
        assembler.Drop(pool);
        Assert.Equal(0, pool.Outstanding);
        Assert.Equal(0, assembler.BytesHeld);
        assembler.Release(pool);
    }

    [Property(MaxTest = 50)]
    public void A_decoder_that_searches_is_asked_ever_more_rarely_in_what_a_read_adds_to_a_line(int cut)
    {
        const int Length = 8000;
        int first = 1 + (int)((uint)cut % (Length - 1));
        CountingLineFraming framing = new();
        Assert.Equal(2, AssemblerDriver.Run(framing, Encoding.ASCII.GetBytes(new string('a', Length - 1) + "\n"), new Cutting([first, Length - first])).Count);
        // Of the first read once; of the second a byte, then 64 (or as few as there were) and twice as many each time.
        Assert.InRange(framing.Calls, 2, 3 + BitOperations.Log2((uint)Length));
    }

    [Property]
    public void A_frame_begins_with_the_first_byte_absorbed_whatever_is_skipped_between_them(byte[] choices, Cutting cutting, PausePlan pauses)
    {
        byte[] stream = [.. choices.Select(choice => (byte)"aa-."[choice % 4])];
        List<string> expected = [];
        int begun = -1;
        int absorbed = 0;
        for (int i = 0; i < stream.Length; i++)
        {
            if (stream[i] == '-')
            {
                continue;
            }

            begun = begun < 0 ? i : begun;
            absorbed++;
            if (stream[i] == '.')
            {
                expected.Add(Describe.Frame(expected.Count, begun, new byte[1000]));
                begun = -1;
                absorbed = 0;
            }
        }

        expected.Add(begun < 0 ? Describe.Clean : Describe.Truncated(begun, absorbed));
        ScriptedFraming framing = new(10_000, unread => unread[0] switch
        {
            (byte)'-' => DecodeResult.Skip(1),
            (byte)'.' => DecodeResult.FrameAssembled(1),
            _ => DecodeResult.Absorb(1),
        });
        Assert.Equal(expected, AssemblerDriver.Run(framing, stream, cutting));
        Assert.Equal(expected, AssemblerDriver.Run(framing, stream, cutting, pauses: pauses));
    }

    [Property]
    public void Frames_the_decoder_assembles_itself_are_the_same_for_every_cutting(byte[] lengths, Cutting cutting, PausePlan pauses)
    {
        List<string> expected = [];
        List<byte> stream = [];
        foreach (byte length in lengths)
        {
            expected.Add(Describe.Frame(expected.Count, stream.Count, Enumerable.Repeat((byte)0x5A, length).ToArray()));
            stream.Add(length);
            stream.AddRange(Enumerable.Repeat((byte)0xA5, length));
        }

        Assert.Equal([.. expected, Describe.Clean], AssemblerDriver.Run(new MaskedFraming(), [.. stream], cutting));
        Assert.Equal([.. expected, Describe.Clean], AssemblerDriver.Run(new MaskedFraming(), [.. stream], cutting, pauses: pauses));
    }

    [Property]
    public void End_of_stream_after_absorbed_bytes_is_a_truncation(byte[] lengths, byte last, byte missing, Cutting cutting)
    {
        byte[] before = [.. lengths.SelectMany(length => (byte[])[length, .. new byte[length]])];
        int have = Math.Max(0, last - 1 - (missing % 8));
        byte[] stream = [.. before, Math.Max(last, (byte)1), .. new byte[have]];
        Assert.Equal(Describe.Truncated(before.Length, have + 1), AssemblerDriver.Run(new MaskedFraming(), stream, cutting)[^1]);
    }

    public static TheoryData<string> Breaches => [.. s_breaches.Keys];

    private static readonly Dictionary<string, ScriptedDecoder.Script> s_breaches = new()
    {
        ["throws"] = unread => throw new FormatException("boom"),
        ["returns default"] = unread => default,
        ["asks for what it has"] = unread => DecodeResult.NeedMore(unread.Length),
        ["asks for less than nothing"] = unread => DecodeResult.NeedMore(-1),
        ["asks beyond MaxFrameLength"] = unread => DecodeResult.NeedMore(101),
        ["consumes nothing"] = unread => DecodeResult.Frame(0),
        ["consumes nothing by Skip"] = unread => DecodeResult.Skip(0),
        ["consumes nothing by Absorb"] = unread => DecodeResult.Absorb(0),
        ["consumes less than nothing"] = unread => DecodeResult.Skip(-1),
        ["consumes more than there is"] = unread => DecodeResult.Frame(unread.Length + 1),
        ["frame before its beginning"] = unread => DecodeResult.Frame(-1, 1, 1),
        ["frame of negative length"] = unread => DecodeResult.Frame(0, -1, 1),
        ["frame beyond what it consumes"] = unread => DecodeResult.Frame(1, 1, 1),
        ["frame whose end overflows"] = unread => DecodeResult.Frame(int.MaxValue, 2, 1),
        ["assembles more than MaxFrameLength"] = unread => DecodeResult.FrameAssembled(1),
        ["rejects without saying why"] = unread => DecodeResult.Reject(null!),
        ["absorbs without end"] = unread => DecodeResult.Absorb(unread.Length),
        ["consumes more than MaxFrameLength with a frame"] = unread => unread.Length < 102 ? DecodeResult.NeedMore(102) : DecodeResult.Frame(0, 100, 102),
        ["consumes more than MaxFrameLength around an empty frame"] = unread => unread.Length < 101 ? DecodeResult.NeedMore(101) : DecodeResult.Frame(50, 0, 101),
        ["frame longer than MaxFrameLength"] = unread => unread.Length <= 100 ? DecodeResult.NeedMore(Math.Min(100, unread.Length + 1)) : DecodeResult.Frame(101),
    };

    [Theory]
    [MemberData(nameof(Breaches))]
    public void A_decoder_that_breaks_its_contract_fails_and_stays_failed(string breach)
    {
        ScriptedFraming framing = new(100, s_breaches[breach]);
        foreach (Cutting cutting in new[] { Cutting.Whole, Cutting.ByteByByte, new Cutting([7]) })
        {
            List<string> lines = AssemblerDriver.Run(framing, new byte[300], cutting);
            Assert.StartsWith("failed: ", Assert.Single(lines), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(60, false)]
    [InlineData(60, true)]
    [InlineData(99, false)]
    [InlineData(99, true)]
    public void What_is_consumed_for_a_frame_is_at_most_MaxFrameLength_with_what_was_absorbed_before_however_it_is_cut(int absorbed, bool assembled)
    {
        foreach (Cutting cutting in new[] { Cutting.Whole, Cutting.ByteByByte, new Cutting([7]) })
        {
            List<string> longest = AssemblerDriver.Run(new AbsorbingFraming(100, absorbed, 100 - absorbed, assembled), new byte[300], cutting);
            Assert.Equal((4, Describe.Clean), (longest.Count, longest[^1]));
            Assert.StartsWith(
                "failed: ",
                Assert.Single(AssemblerDriver.Run(new AbsorbingFraming(100, absorbed, 101 - absorbed, assembled), new byte[300], cutting)),
                StringComparison.Ordinal);
        }

        // Also a decoder that absorbs all that there may be has nothing left for the frame.
        Assert.StartsWith("failed: ", AssemblerDriver.Run(new AbsorbingFraming(100, 100, 1, assembled), new byte[300], Cutting.Whole)[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, true)]
    [InlineData(41, false)]
    public void What_is_asked_for_is_at_most_MaxFrameLength_less_what_was_absorbed_and_is_judged_at_once(int asked, bool legal)
    {
        FrameAssembler assembler = new(new AbsorbingFraming(100, 60, asked, assembled: false).CreateDecoder());
        ReadOnlySpan<byte> input = new byte[61];
        Assert.Equal(legal ? AssemblerStatus.NeedMore : AssemblerStatus.Failed, assembler.Next(ref input, new TrackingPool(), 100, out _));
    }

    [Property]
    public void A_frame_that_the_decoder_holds_is_read_once_and_released_once_also_with_pauses(byte[] lengths, Cutting cutting, PausePlan pauses)
    {
        byte[] stream = [.. lengths.SelectMany(length => (byte[])[length, .. new byte[length]])];
        WitnessFraming framing = new();
        AssemblerDriver.Run(framing, stream, cutting);
        AssemblerDriver.Run(framing, stream, cutting, pauses: pauses);
        Assert.Equal(2 * lengths.Length, framing.Announced);
        Assert.Equal((framing.Announced, framing.Announced), (framing.Read, framing.Released));
    }

    [Property(MaxTest = 30)]
    public void Delivery_never_sees_more_than_MaxFrameLength_also_for_frames_of_a_user(byte max)
    {
        ScriptedFraming framing = new(max + 1, unread => unread.Length < max + 1 ? DecodeResult.NeedMore(max + 1) : DecodeResult.Frame(max + 1));
        Assert.Equal(4, AssemblerDriver.Run(framing, new byte[3 * (max + 1)], Cutting.ByteByByte).Count);
    }

    /// <summary>Absorbs so many bytes of each frame, as they come, and then wants so many at once, with which it is whole.</summary>
    private sealed class AbsorbingFraming(int maxFrameLength, int absorbs, int takes, bool assembled) : IFraming
    {
        public string Name => "absorbing";

        public int MaxFrameLength => maxFrameLength;

        public IFrameDecoder CreateDecoder() => new Decoder(absorbs, takes, assembled);

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

        private sealed class Decoder(int absorbs, int takes, bool assembled) : IFrameDecoder
        {
            private int _absorbed;

            public ReadOnlySpan<byte> Assembled => new byte[1];

            public DecodeResult Decode(ReadOnlySpan<byte> unread)
            {
                int count = Math.Min(absorbs - _absorbed, unread.Length);
                if (count > 0)
                {
                    _absorbed += count;
                    return DecodeResult.Absorb(count);
                }

                if (unread.Length < takes)
                {
                    return DecodeResult.NeedMore(takes);
                }

                _absorbed = 0;
                return assembled ? DecodeResult.FrameAssembled(takes) : DecodeResult.Frame(0, 1, takes);
            }
        }
    }

    /// <summary>Masked framing that sees to it that each frame is read, and then released, before the next byte is decoded.</summary>
    private sealed class WitnessFraming : IFraming
    {
        private readonly MaskedFraming _framing = new();

        public int Announced { get; private set; }

        public int Read { get; private set; }

        public int Released { get; private set; }

        public string Name => "witness";

        public int MaxFrameLength => _framing.MaxFrameLength;

        public IFrameDecoder CreateDecoder() => new Decoder(this, _framing.CreateDecoder());

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

        private sealed class Decoder(WitnessFraming framing, IFrameDecoder decoder) : IFrameDecoder
        {
            public ReadOnlySpan<byte> Assembled
            {
                get
                {
                    framing.Read++;
                    return decoder.Assembled;
                }
            }

            public DecodeResult Decode(ReadOnlySpan<byte> unread)
            {
                Assert.Equal((framing.Announced, framing.Announced), (framing.Read, framing.Released));
                DecodeResult result = decoder.Decode(unread);
                framing.Announced += result.Status == DecodeStatus.FrameAssembled ? 1 : 0;
                return result;
            }

            public void ReleaseAssembled()
            {
                framing.Released++;
                decoder.ReleaseAssembled();
            }
        }
    }
}
