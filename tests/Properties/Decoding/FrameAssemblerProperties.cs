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

    [Property(MaxTest = 50)]
    public void A_decoder_that_remembers_looks_at_no_byte_twice_and_is_asked_once_a_read(Cutting cutting)
    {
        CountingLineFraming framing = new();
        byte[] stream = Encoding.ASCII.GetBytes(new string('a', 4000) + "\n" + new string('b', 3000) + "\n\r");
        List<string> lines = AssemblerDriver.Run(framing, stream, cutting);
        Assert.Equal(3, lines.Count);
        Assert.Equal(stream.Length - 1, framing.BytesLookedAt);
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

    [Property(MaxTest = 30)]
    public void Delivery_never_sees_more_than_MaxFrameLength_also_for_frames_of_a_user(byte max)
    {
        ScriptedFraming framing = new(max + 1, unread => unread.Length < max + 1 ? DecodeResult.NeedMore(max + 1) : DecodeResult.Frame(max + 1));
        Assert.Equal(4, AssemblerDriver.Run(framing, new byte[3 * (max + 1)], Cutting.ByteByByte).Count);
    }
}
