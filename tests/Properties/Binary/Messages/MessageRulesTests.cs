using System.Buffers;
using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary.Messages;

/// <summary>docs/framing.md, whole messages, rule by rule, with the values on both sides of each limit.</summary>
public sealed class MessageRulesTests
{
    private static readonly BinaryFramingOptions s_options = new() { MaxMessageLength = 100, MaxPayloadLength = 50, AllowedTypes = [1, 2] };

    private static readonly byte[] s_first = Packet(10, 7, 4);

    [Fact]
    public void A_message_is_whole_when_the_payloads_add_up_to_TotalLength()
        => Expect([.. s_first, .. Packet(10, 8, 5), .. Packet(10, 9, 1)], Describe.Frame(0, 0, [.. s_first[..12], .. Bytes(4), .. Bytes(5), .. Bytes(1)]), Describe.Clean);

    [Fact]
    public void Serial_numbers_go_up_by_one_mod_2_to_the_32()
        => Expect([.. Packet(4, 0xffffffff, 2), .. Packet(4, 0, 2)], Describe.Frame(0, 0, [.. PacketHeadFormat.Head(4, 0xffffffff, 2, 1), .. Bytes(2), .. Bytes(2)]), Describe.Clean);

    [Fact]
    public void A_packet_that_is_the_whole_message_is_delivered_where_it_lies()
    {
        DecodeResult result = new MessageFraming(s_options).CreateDecoder().Decode([.. Packet(10, 1, 10), .. s_first]);
        Assert.Equal((DecodeStatus.Frame, 0, 22, 22), (result.Status, result.Start, result.Length, result.Consumed));
    }

    [Fact]
    public void TotalLength_0_with_an_empty_packet_is_a_whole_message()
        => Expect([.. Packet(0, 5, 0), .. Packet(0, 5, 0)], Describe.Frame(0, 0, Packet(0, 5, 0)), Describe.Frame(1, 12, Packet(0, 5, 0)), Describe.Clean);

    [Theory]
    [InlineData(9)]         // a gap
    [InlineData(7)]         // a repeat
    [InlineData(0)]
    public void A_serial_number_that_does_not_follow_is_SerialOutOfOrder(uint serial)
        => Refuse([.. s_first, .. Packet(10, serial, 1)], new FrameRejection("SerialOutOfOrder", "SerialNumber", serial, 8));

    [Theory]
    [InlineData(11)]
    [InlineData(9)]
    public void Another_total_is_TotalLengthChanged(int total)
        => Refuse([.. s_first, .. Packet(total, 8, 1)], new FrameRejection("TotalLengthChanged", "TotalLength", total, 10));

    [Fact]
    public void Another_type_is_TypeChanged()
        => Refuse([.. s_first, .. Packet(10, 8, 1, type: 2)], new FrameRejection("TypeChanged", "Type", 2, 1));

    [Fact]
    public void A_packet_without_payload_inside_a_message_is_EmptyPacket_the_first_one_too()
    {
        Refuse([.. s_first, .. Packet(10, 8, 0)], new FrameRejection("EmptyPacket", "CurrentLength", 0, 1));
        Refuse(Packet(10, 7, 0), new FrameRejection("EmptyPacket", "CurrentLength", 0, 1));
    }

    [Fact]
    public void More_payload_than_the_message_lacks_is_MessageOverrun()
        => Refuse([.. s_first, .. Packet(10, 8, 7)], new FrameRejection("MessageOverrun", "CurrentLength", 7, 6));

    [Fact]
    public void A_message_longer_than_MaxMessageLength_is_MessageTooLong_at_its_first_header()
    {
        Refuse(Packet(101, 1, 50)[..12], new FrameRejection("MessageTooLong", "TotalLength", 101, 100));
        Expect([.. Packet(100, 1, 50), .. Packet(100, 2, 50)], Describe.Frame(0, 0, [.. PacketHeadFormat.Head(100, 1, 50, 1), .. Bytes(50), .. Bytes(50)]), Describe.Clean);
    }

    [Fact]
    public void Where_several_rules_break_those_of_the_packet_alone_are_named_first_and_TotalLength_before_all()
    {
        Refuse(PacketHeadFormat.Head(-1, 1, 60, 9), new FrameRejection("TotalLengthNegative", "TotalLength", -1, 0));
        Refuse(PacketHeadFormat.Head(101, 1, 60, 9), new FrameRejection("MessageTooLong", "TotalLength", 101, 100));
        Refuse(PacketHeadFormat.Head(100, 1, 60, 9), new FrameRejection("PayloadTooLong", "CurrentLength", 60, 50));
        Refuse(PacketHeadFormat.Head(100, 1, 0, 9), new FrameRejection("TypeNotAllowed", "Type", 9));
        Refuse([.. s_first, .. PacketHeadFormat.Head(5, 1, 6, 9)], new FrameRejection("TotalLengthTooShort", "TotalLength", 5, 6));
        Refuse([.. s_first, .. PacketHeadFormat.Head(11, 1, 0, 2)], new FrameRejection("TotalLengthChanged", "TotalLength", 11, 10));
        Refuse([.. s_first, .. PacketHeadFormat.Head(10, 1, 0, 2)], new FrameRejection("TypeChanged", "Type", 2, 1));
        Refuse([.. s_first, .. PacketHeadFormat.Head(10, 1, 0, 1)], new FrameRejection("SerialOutOfOrder", "SerialNumber", 1, 8));
    }

    [Fact]
    public void A_header_is_judged_before_its_payload_has_come()
        => Refuse([.. s_first, .. PacketHeadFormat.Head(10, 9, 6, 1)], new FrameRejection("SerialOutOfOrder", "SerialNumber", 9, 8));

    [Fact]
    public void The_offset_and_the_index_of_a_rejection_are_the_message_s()
        => Expect(
            [.. Packet(3, 1, 3), .. s_first, .. Packet(10, 7, 1)],
            Describe.Frame(0, 0, Packet(3, 1, 3)),
            Describe.Rejected(new FrameRejection("SerialOutOfOrder", "SerialNumber", 7, 8) { StreamOffset = 15, FrameIndex = 1 }));

    [Fact]
    public void The_end_of_the_stream_between_packets_of_a_message_is_a_truncation()
        => Expect([.. Packet(0, 1, 0), .. s_first], Describe.Frame(0, 0, Packet(0, 1, 0)), Describe.Truncated(12, 16));

    [Fact]
    public void The_longest_message_in_the_shortest_packets_is_whole()
    {
        byte[] stream = [.. Enumerable.Range(0, 100).SelectMany(i => (byte[])[.. PacketHeadFormat.Head(100, (uint)i, 1, 1), (byte)i])];
        byte[] frame = [.. stream[..12], .. Enumerable.Range(0, 100).Select(i => (byte)i)];
        Expect(stream, Describe.Frame(0, 0, frame), Describe.Clean);
        Assert.Equal(stream.Length, new MessageFraming(s_options).MaxFrameLength);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(165191046)]
    public void MaxMessageLength_out_of_range_is_refused_with_value_and_range(int max)
    {
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => new MessageFraming(new BinaryFramingOptions { MaxMessageLength = max })).Message;
        Assert.Contains($"MaxMessageLength is {max}; it must be 1 to 165191045", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 13)]
    [InlineData(165191045, 2147483585)]
    public void The_limits_of_MaxMessageLength_are_legal(int max, int frame)
    {
        MessageFraming framing = new(new BinaryFramingOptions { MaxMessageLength = max });
        Assert.Equal((max, frame), (framing.MaxMessageLength, framing.MaxFrameLength));
        Assert.Equal(max == 1 ? DecodeStatus.Frame : DecodeStatus.Absorb, framing.CreateDecoder().Decode([.. PacketHeadFormat.Head(max, 1, 1, 1), 1]).Status);
        Assert.Equal(13, new PacketEncoder(new BinaryFramingOptions { MaxMessageLength = max }).WriteMessage(new ArrayBufferWriter<byte>(), 1, 1, new byte[1]));
    }

    [Theory]
    [InlineData(TotalLengthRule.Ignored)]
    [InlineData(TotalLengthRule.NonNegative)]
    [InlineData(TotalLengthRule.EqualsCurrent)]
    public void Other_rules_for_TotalLength_make_no_messages(TotalLengthRule rule)
    {
        string message = Assert.Throws<ArgumentException>(() => new MessageFraming(new BinaryFramingOptions { TotalLengthRule = rule })).Message;
        Assert.Contains($"TotalLengthRule is {rule}; for messages it must be AtLeastCurrent", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_are_1_MiB_and_8192()
    {
        MessageFraming framing = new();
        Assert.Equal(("binary-messages", 1 << 20, 8192), (framing.Name, framing.MaxMessageLength, framing.MaxPayloadLength));
        Assert.NotSame(framing.CreateDecoder(), framing.CreateDecoder());
    }

    [Fact]
    public void A_view_of_what_is_no_whole_message_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new PacketMessage(new byte[11]).Type);
        Assert.Contains("TotalLength is 10, but 4 bytes follow", Assert.Throws<ArgumentException>(() => new PacketMessage(s_first).Type).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, int, int, string> Refusals => new()
    {
        { "type", 65536, 5, "Type is 65536; the field holds 0 to 65535" },
        { "type", 3, 5, "TypeNotAllowed: Type is 3" },
        { "message", 1, 101, "MessageTooLong: the message has 101 bytes; the limit is 100" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_the_options_forbid_is_not_split_and_nothing_is_written(string parameter, int type, int length, string message)
    {
        ArrayBufferWriter<byte> output = new();
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new PacketEncoder(s_options).WriteMessage(output, type, 1, new byte[length]));
        Assert.Equal(parameter, error.ParamName);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void A_message_of_several_packets_is_not_split_where_every_message_is_one_packet()
    {
        ArrayBufferWriter<byte> output = new();
        PacketEncoder encoder = new(new BinaryFramingOptions { MaxPayloadLength = 10, TotalLengthRule = TotalLengthRule.EqualsCurrent });
        Assert.Equal("message", Assert.Throws<ArgumentOutOfRangeException>(() => encoder.WriteMessage(output, 1, 1, new byte[11])).ParamName);
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal(22, encoder.WriteMessage(output, 1, 1, new byte[10]));
    }

    private static void Refuse(byte[] stream, FrameRejection rejection) => Expect(stream, Describe.Rejected(rejection));

    private static void Expect(byte[] stream, params string[] lines)
    {
        Assert.Equal(lines, AssemblerDriver.Run(new MessageFraming(s_options), stream, Cutting.Whole));
        Assert.Equal(lines, AssemblerDriver.Run(new MessageFraming(s_options), stream, Cutting.ByteByByte));
    }

    private static byte[] Packet(int total, uint serial, int current, int type = 1) => [.. PacketHeadFormat.Head(total, serial, current, type), .. Bytes(current)];

    private static byte[] Bytes(int count) => [.. Enumerable.Range(1, count).Select(i => (byte)i)];
}
