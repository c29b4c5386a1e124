using System.Buffers;
using CommunityToolkit.HighPerformance.Buffers;
using Framing.Binary;
using Framing.Properties.Generators;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary;

/// <summary>What the encoder writes is what the decoder finds; what the wire cannot carry or the options forbid it does not write.</summary>
public sealed class EncoderProperties
{
    public sealed record Packet(ushort Type, uint Serial, byte[] Payload, int MoreToCome);

    public static class Packets
    {
        public static Arbitrary<Packet[]> Lists() => Arb.From(Gen.ArrayOf(
            from type in Gen.Choose(0, 65535)
            from serial in Gen.Choose(int.MinValue, int.MaxValue)
            from payload in Traffic.Payload(8192)
            from more in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, int.MaxValue - 8192))
            select new Packet((ushort)type, unchecked((uint)serial), payload, more)));
    }

    [Property(Arbitrary = [typeof(Packets)])]
    public void Encode_then_decode_is_identity(Packet[] packets)
    {
        using ArrayPoolBufferWriter<byte> output = new();
        PacketEncoder encoder = new();
        foreach (Packet packet in packets)
        {
            int written = encoder.Write(output, packet.Type, packet.Serial, packet.Payload, packet.Payload.Length + (long)packet.MoreToCome);
            Assert.Equal(12 + packet.Payload.Length, written);
        }

        ReadOnlySpan<byte> unread = output.WrittenSpan;
        IFrameDecoder decoder = BinaryFraming.Create().CreateDecoder();
        foreach (Packet packet in packets)
        {
            DecodeResult result = decoder.Decode(unread);
            Assert.Equal(DecodeStatus.Frame, result.Status);
            PacketHead.TryRead(unread, out PacketHead head);
            Assert.Equal(new PacketHead(packet.Payload.Length + packet.MoreToCome, packet.Serial, (ushort)packet.Payload.Length, packet.Type), head);
            Assert.Equal(packet.Payload, unread[12..result.Length].ToArray());
            unread = unread[result.Consumed..];
        }

        Assert.True(unread.IsEmpty);
    }

    [Fact]
    public void TotalLength_is_the_payload_s_length_unless_said_otherwise()
    {
        ArrayBufferWriter<byte> output = new();
        new PacketEncoder().Write(output, 1, 1, "abc"u8);
        Assert.Equal(3, output.WrittenSpan[0]);
    }

    public static TheoryData<string, int, int, long?, string> Refusals => new()
    {
        { "type", 65536, 0, null, "Type is 65536; the field holds 0 to 65535" },
        { "type", -1, 0, null, "Type is -1; the field holds 0 to 65535" },
        { "type", 3, 0, null, "TypeNotAllowed: Type is 3" },
        { "payload", 1, 101, null, "The payload has 101 bytes; the limit is 100" },
        { "payload", 1, 65536, null, "The payload has 65536 bytes; the limit is 100" },
        { "totalLength", 1, 5, 1L + int.MaxValue, "TotalLength is 2147483648; the field holds -2147483648 to 2147483647" },
        { "totalLength", 1, 5, int.MinValue - 1L, "TotalLength is -2147483649; the field holds -2147483648 to 2147483647" },
        { "totalLength", 1, 5, 4, "TotalLengthTooShort: TotalLength is 4; the limit is 5" },
        { "totalLength", 1, 5, -1, "TotalLengthNegative: TotalLength is -1; the limit is 0" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_a_field_cannot_hold_or_the_options_forbid_is_refused_and_nothing_is_written(
        string parameter, int type, int payload, long? total, string message)
    {
        ArrayBufferWriter<byte> output = new();
        PacketEncoder encoder = new(new BinaryFramingOptions { MaxPayloadLength = 100, AllowedTypes = [1] });
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Write(output, type, 1, new byte[payload], total));
        Assert.Equal(parameter, error.ParamName);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    [Theory]
    [InlineData(65535, true)]
    [InlineData(65536, false)]
    public void The_longest_payload_is_what_CurrentLength_holds(int length, bool legal)
    {
        ArrayBufferWriter<byte> output = new();
        PacketEncoder encoder = new(new BinaryFramingOptions { MaxPayloadLength = 65535 });
        Exception? error = Record.Exception(() => encoder.Write(output, 1, 1, new byte[length]));
        Assert.Equal(legal, error is null);
        Assert.Equal(legal ? 12 + length : 0, output.WrittenCount);
    }

    [Property]
    public void What_the_encoder_writes_the_framing_of_the_same_options_lets_out(TotalLengthRule rule, ushort type, ushort length, int total)
    {
        BinaryFramingOptions options = new() { MaxPayloadLength = 300, TotalLengthRule = rule, AllowedTypes = [.. Enumerable.Range(0, 40).Select(t => (ushort)t)] };
        ArrayBufferWriter<byte> output = new();
        byte[] frame = [.. PacketHeadFormat.Head(total, 9, length, type), .. new byte[length]];
        Exception? refused = Record.Exception(() => new PacketEncoder(options).Write(output, type, 9, new byte[length], total));
        Assert.Equal(refused is null, BinaryFraming.Create(options).CheckOutgoing(frame) is null);
        Assert.Equal(refused is null ? frame : [], output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        using ArrayPoolBufferWriter<byte> output = new(initialCapacity: 4096);
        PacketEncoder encoder = new();
        byte[] payload = new byte[100];
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (uint serial = 0; serial < 30; serial++)
            {
                encoder.Write(output, 1, serial, payload);
            }

            output.Clear();
        }));
    }
}
