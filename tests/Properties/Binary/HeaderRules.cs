using System.Buffers;
using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary;

/// <summary>docs/framing.md, packets, rule by rule, with the values on both sides of each limit.</summary>
public sealed class HeaderRules
{
    [Fact]
    public void The_head_is_12_bytes_little_endian_and_packed()
    {
        byte[] bytes = [0x04, 0x03, 0x02, 0x01, 0x0D, 0x0C, 0x0B, 0xFA, 0x22, 0x21, 0xF2, 0xF1];
        Assert.Equal(12, PacketHead.Size);
        Assert.Null(PacketHead.TryRead(bytes, out PacketHead head));
        Assert.Equal(new PacketHead(0x01020304, 0xFA0B0C0D, 0x2122, 0xF1F2), head);
        byte[] written = new byte[12];
        head.Write(written);
        Assert.Equal(bytes, written);
    }

    [Fact]
    public void A_frame_is_header_and_payload_and_CurrentLength_0_is_legal()
    {
        Assert.Equal(12, Decode(new BinaryFramingOptions(), total: 0, current: 0, payload: 0).Length);
        Assert.Equal(12 + 5, Decode(new BinaryFramingOptions(), total: 5, current: 5, payload: 9).Length);
    }

    [Theory]
    [InlineData(TotalLengthRule.AtLeastCurrent, 10, 10, null)]
    [InlineData(TotalLengthRule.AtLeastCurrent, int.MaxValue, 10, null)]
    [InlineData(TotalLengthRule.AtLeastCurrent, 9, 10, "TotalLengthTooShort")]
    [InlineData(TotalLengthRule.AtLeastCurrent, 0, 10, "TotalLengthTooShort")]
    [InlineData(TotalLengthRule.NonNegative, 0, 10, null)]
    [InlineData(TotalLengthRule.NonNegative, int.MaxValue, 10, null)]
    [InlineData(TotalLengthRule.EqualsCurrent, 10, 10, null)]
    [InlineData(TotalLengthRule.EqualsCurrent, 9, 10, "TotalLengthMismatch")]
    [InlineData(TotalLengthRule.EqualsCurrent, 11, 10, "TotalLengthMismatch")]
    [InlineData(TotalLengthRule.Ignored, 0, 10, null)]
    [InlineData(TotalLengthRule.Ignored, -1, 10, null)]
    [InlineData(TotalLengthRule.Ignored, int.MinValue, 10, null)]
    public void TotalLengthRule_says_what_TotalLength_must_be(TotalLengthRule rule, int total, int current, string? reason)
    {
        FrameRejection? expected = reason is null ? null : new FrameRejection(reason, "TotalLength", total, current);
        Assert.Equal(expected, Decode(new BinaryFramingOptions { TotalLengthRule = rule }, total, current).Rejection);
    }

    [Theory]
    [InlineData(TotalLengthRule.AtLeastCurrent)]
    [InlineData(TotalLengthRule.NonNegative)]
    [InlineData(TotalLengthRule.EqualsCurrent)]
    public void A_negative_TotalLength_is_TotalLengthNegative_with_limit_0_under_every_rule_but_Ignored(TotalLengthRule rule)
    {
        foreach (int total in new[] { -1, int.MinValue })
        {
            Assert.Equal(
                new FrameRejection("TotalLengthNegative", "TotalLength", total, 0),
                Decode(new BinaryFramingOptions { TotalLengthRule = rule }, total, current: 3).Rejection);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8192)]
    [InlineData(65534)]
    public void MaxPayloadLength_bounds_the_payload_and_not_the_frame(int max)
    {
        BinaryFramingOptions options = new() { MaxPayloadLength = max };
        Assert.Equal(12 + max, Decode(options, max, max, payload: max).Length);
        Assert.Equal(new FrameRejection("PayloadTooLong", "CurrentLength", max + 1, max), Decode(options, max + 1, max + 1).Rejection);
        Assert.Equal(12 + max, BinaryFraming.Create(options).MaxFrameLength);
    }

    [Fact]
    public void A_payload_of_65535_fits_a_frame()
    {
        BinaryFramingOptions options = new() { MaxPayloadLength = 65535 };
        Assert.Equal(12 + 65535, Decode(options, 65535, 65535, payload: 65535).Length);
    }

    [Fact]
    public void AllowedTypes_is_off_by_default_and_refuses_every_other_type()
    {
        BinaryFramingOptions options = new() { AllowedTypes = [1, 500] };
        Assert.Null(Decode(new BinaryFramingOptions(), 0, 0, type: 65535).Rejection);
        Assert.Null(Decode(options, 0, 0, type: 500).Rejection);
        Assert.Equal(new FrameRejection("TypeNotAllowed", "Type", 2), Decode(options, 0, 0, type: 2).Rejection);
    }

    [Fact]
    public void AllowedTypes_is_copied()
    {
        List<ushort> types = [1];
        BinaryFramingOptions options = new() { AllowedTypes = types };
        IFraming[] framings = [BinaryFraming.Create(options), new MessageFraming(options)];
        PacketEncoder encoder = new(options);
        types[0] = 2;
        foreach (IFraming framing in framings)
        {
            Assert.Equal(DecodeStatus.Frame, framing.CreateDecoder().Decode(PacketHeadFormat.Head(0, 1, 0, 1)).Status);
            Assert.Equal("TypeNotAllowed", framing.CreateDecoder().Decode(PacketHeadFormat.Head(0, 1, 0, 2)).Rejection?.Reason);
        }

        Assert.Equal(12, encoder.Write(new ArrayBufferWriter<byte>(), 1, 1, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Write(new ArrayBufferWriter<byte>(), 2, 1, default));
    }

    [Fact]
    public void Where_several_rules_break_TotalLength_is_named_first_then_the_payload_then_the_type()
    {
        BinaryFramingOptions options = new() { MaxPayloadLength = 10, AllowedTypes = [1] };
        Assert.Equal("TotalLengthNegative", Decode(options, total: -1, current: 11, type: 2).Rejection!.Reason);
        Assert.Equal("TotalLengthTooShort", Decode(options, total: 1, current: 11, type: 2).Rejection!.Reason);
        Assert.Equal("PayloadTooLong", Decode(options, total: 11, current: 11, type: 2).Rejection!.Reason);
        Assert.Equal("TypeNotAllowed", Decode(options, total: 10, current: 10, type: 2).Rejection!.Reason);
    }

    [Fact]
    public void The_offset_is_the_refused_frame_s_first_byte_and_the_index_counts_from_0()
    {
        byte[] legal = [.. PacketHeadFormat.Head(3, 1, 3, 1), 1, 2, 3], refused = PacketHeadFormat.Head(2, 1, 3, 1);
        FrameRejection rejection = new("TotalLengthTooShort", "TotalLength", 2, 3);
        Expect(refused, Describe.Rejected(rejection with { StreamOffset = 0, FrameIndex = 0 }));
        Expect([.. legal, .. legal, .. refused, .. legal],
            Describe.Frame(0, 0, legal), Describe.Frame(1, 15, legal), Describe.Rejected(rejection with { StreamOffset = 30, FrameIndex = 2 }));
    }

    [Fact]
    public void The_end_of_the_stream_inside_a_frame_is_a_truncation_and_the_partial_frame_is_not_delivered()
    {
        byte[] legal = [.. PacketHeadFormat.Head(3, 1, 3, 1), 1, 2, 3];
        Expect([.. legal, .. legal[..14]], Describe.Frame(0, 0, legal), Describe.Truncated(15, 14));
        Expect([.. legal, .. legal[..1]], Describe.Frame(0, 0, legal), Describe.Truncated(15, 1));
        Expect(legal, Describe.Frame(0, 0, legal), Describe.Clean);
    }

    [Fact]
    public void Messages_are_not_put_together_by_default()
    {
        byte[] first = [.. PacketHeadFormat.Head(4, 1, 2, 1), 1, 2], second = [.. PacketHeadFormat.Head(4, 2, 2, 1), 3, 4];
        Expect([.. first, .. second], Describe.Frame(0, 0, first), Describe.Frame(1, 14, second), Describe.Clean);
    }

    [Fact]
    public void The_defaults_are_8192_and_AtLeastCurrent_also_without_options()
    {
        foreach (PacketFraming<PacketHead> framing in new[] { BinaryFraming.Create(), new PacketFraming<PacketHead>() })
        {
            Assert.Equal(("binary", 8192, 12 + 8192), (framing.Name, framing.MaxPayloadLength, framing.MaxFrameLength));
            IFrameDecoder decoder = framing.CreateDecoder();
            Assert.Equal("PayloadTooLong", decoder.Decode(PacketHeadFormat.Head(8193, 0, 8193, 0)).Rejection!.Reason);
            Assert.Equal("TotalLengthTooShort", decoder.Decode(PacketHeadFormat.Head(4, 0, 5, 0)).Rejection!.Reason);
        }
    }

    [Fact]
    public void A_stateless_decoder_is_shared()
    {
        PacketFraming<PacketHead> framing = BinaryFraming.Create();
        Assert.Same(framing.CreateDecoder(), framing.CreateDecoder());
        Assert.False(framing.CreateDecoder() is IDisposable);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    public void MaxPayloadLength_out_of_range_is_refused_with_value_and_range(int max)
    {
        BinaryFramingOptions options = new() { MaxPayloadLength = max };
        foreach (Action make in new Action[] { () => BinaryFraming.Create(options), () => _ = new PacketEncoder(options) })
        {
            string message = Assert.Throws<ArgumentOutOfRangeException>(make).Message;
            Assert.Contains($"MaxPayloadLength is {max}; it must be 1 to 65535", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Other_illegal_options_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BinaryFraming.Create(new BinaryFramingOptions { TotalLengthRule = (TotalLengthRule)4 }));
        Assert.Throws<ArgumentException>(() => BinaryFraming.Create(new BinaryFramingOptions { AllowedTypes = [] }));
        Assert.Throws<ArgumentException>(() => new PacketFraming<PacketHead>(new PacketFramingOptions<PacketHead> { Name = " " }));
    }

    private static void Expect(byte[] stream, params string[] lines)
    {
        Assert.Equal(lines, AssemblerDriver.Run(BinaryFraming.Create(), stream, Cutting.Whole));
        Assert.Equal(lines, AssemblerDriver.Run(BinaryFraming.Create(), stream, Cutting.ByteByByte));
    }

    private static DecodeResult Decode(BinaryFramingOptions options, int total, int current, int type = 1, int payload = 0)
        => BinaryFraming.Create(options).CreateDecoder().Decode([.. PacketHeadFormat.Head(total, 1, current, type), .. new byte[payload]]);
}
