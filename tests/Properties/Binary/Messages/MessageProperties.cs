using System.Buffers;
using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary.Messages;

/// <summary>Messages of any shape, streams of any kind, every cutting: what the slow reference says is what comes.</summary>
[Properties(Arbitrary = [typeof(Traffic), typeof(MessageTraffics)])]
public sealed class MessageProperties
{
    [Property(MaxTest = 2000)]
    public void Any_stream_gives_what_the_reference_finds_however_it_is_cut(MessageTraffic traffic, Cutting cutting)
    {
        MessageFraming framing = new(traffic.Options);
        List<string> expected = MessageReference.Run(traffic.Options, traffic.Bytes);
        Assert.Equal(expected, AssemblerDriver.Run(framing, traffic.Bytes, cutting));
        Assert.Equal(expected, AssemblerDriver.Run(framing, traffic.Bytes, Cutting.ByteByByte));
    }

    [Property(MaxTest = 500)]
    public void Pausing_anywhere_changes_no_message(MessageTraffic traffic, Cutting cutting, PausePlan pauses)
        => Assert.Equal(
            MessageReference.Run(traffic.Options, traffic.Bytes),
            AssemblerDriver.Run(new MessageFraming(traffic.Options), traffic.Bytes, cutting, pauses: pauses));

    [Property(MaxTest = 500)]
    public async Task Over_a_pipe_the_same_comes(MessageTraffic traffic, Cutting cutting)
        => Assert.Equal(
            MessageReference.Run(traffic.Options, traffic.Bytes),
            await PipeDriver.Run(new MessageFraming(traffic.Options), traffic.Bytes, cutting));

    [Property(MaxTest = 1000)]
    public void What_comes_as_messages_may_be_sent_and_nothing_else(MessageTraffic traffic)
    {
        FrameRejection? outgoing = new MessageFraming(traffic.Options).CheckOutgoing(traffic.Bytes);
        Assert.Equal(traffic.Bytes.Length == 0 ? "EmptyData" : MessageReference.Run(traffic.Options, traffic.Bytes)[^1], Describe.Outgoing(outgoing));
    }

    [Fact]
    public void Every_way_to_cut_a_small_message_gives_the_message()
    {
        byte[] stream = [.. PacketHeadFormat.Head(2, 9, 1, 3), 1, .. PacketHeadFormat.Head(2, 10, 1, 3), 2];
        List<string> expected = [Describe.Frame(0, 0, [.. stream[..12], 1, 2]), Describe.Clean];
        for (int first = 1; first < stream.Length; first++)
        {
            for (int second = first; second < stream.Length; second++)
                Assert.Equal(expected, AssemblerDriver.Run(new MessageFraming(), stream, new Cutting([first, Math.Max(1, second - first), int.MaxValue])));
        }
    }

    [Property(MaxTest = 500)]
    public void What_the_encoder_splits_is_one_message(ushort type, uint serial, byte[] some, byte repeat, byte max, Cutting cutting)
    {
        byte[] message = [.. Enumerable.Repeat(some, repeat).SelectMany(bytes => bytes)];
        BinaryFramingOptions options = new() { MaxPayloadLength = max + 1 };
        ArrayBufferWriter<byte> output = new();
        Assert.Equal(new PacketEncoder(options).WriteMessage(output, type, serial, message), output.WrittenCount);

        byte[] stream = output.WrittenSpan.ToArray();
        int packets = Math.Max(1, (message.Length + max) / (max + 1));
        Assert.Equal(message.Length + (12 * packets), stream.Length);
        byte[] frame = [.. PacketHeadFormat.Head(message.Length, serial, Math.Min(message.Length, max + 1), type), .. message];
        Assert.Equal([Describe.Frame(0, 0, frame), Describe.Clean], AssemblerDriver.Run(new MessageFraming(options), stream, cutting));
        Assert.Null(new MessageFraming(options).CheckOutgoing(stream));

        PacketMessage view = new(frame);
        Assert.Equal((type, serial, message.Length), (view.Type, view.SerialNumber, view.Head.TotalLength));
        Assert.Equal(message, view.Payload.ToArray());
    }

    [Fact]
    public void The_generator_reaches_every_outcome()
    {
        string[] wanted =
        [
            "frame ", "clean", "truncated", "PayloadTooLong", "TotalLengthNegative", "TotalLengthTooShort", "MessageTooLong", "TypeNotAllowed",
            "TotalLengthChanged", "TypeChanged", "SerialOutOfOrder", "EmptyPacket", "MessageOverrun",
        ];
        string all = string.Join('\n', Enumerable.Range(0, 4000).Select(seed => new MessageTraffic(seed)).SelectMany(traffic => MessageReference.Run(traffic.Options, traffic.Bytes)));
        foreach (string outcome in wanted)
            Assert.True(all.Split(outcome).Length > 10, $"{outcome} came {all.Split(outcome).Length - 1} times");
    }
}
