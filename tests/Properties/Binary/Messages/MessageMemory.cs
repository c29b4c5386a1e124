using System.Buffers;
using System.Runtime.CompilerServices;
using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary.Messages;

/// <summary>What reassembly costs: memory by the bytes that came, none between messages, nothing allocated for a message.</summary>
public sealed class MessageMemory
{
    [Fact]
    public void Memory_grows_with_the_bytes_that_came_and_never_with_the_total_claimed()
    {
        MessageFraming framing = new(new BinaryFramingOptions { MaxMessageLength = 160_000_000 });
        byte[] first = [.. PacketHeadFormat.Head(160_000_000, 1, 3000, 1), .. new byte[3000]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        IFrameDecoder decoder = framing.CreateDecoder();
        Assert.Equal(DecodeStatus.Absorb, decoder.Decode(first).Status);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        ((IDisposable)decoder).Dispose();
    }

    [Fact]
    public void The_message_s_memory_goes_back_when_it_was_delivered_and_is_not_kept_by_an_idle_connection()
    {
        byte[] stream = [.. PacketHeadFormat.Head(4, 1, 2, 1), 1, 2, .. PacketHeadFormat.Head(4, 2, 2, 1), 3, 4];
        IFrameDecoder decoder = new MessageFraming().CreateDecoder();
        FrameAssembler assembler = new(decoder);
        ReadOnlySpan<byte> input = stream;
        Assert.Equal(AssemblerStatus.Frame, assembler.Next(ref input, ArrayPool<byte>.Shared, 1000, out Frame frame));
        Assert.Equal(16, frame.Bytes.Length);
        Assert.Equal(AssemblerStatus.NeedMore, assembler.Next(ref input, ArrayPool<byte>.Shared, 1000, out _));
        Assert.Equal(0, decoder.Assembled.Length);
    }

    [Fact]
    public void A_connection_that_pauses_behind_a_message_does_not_keep_it_either()
    {
        byte[] stream = [.. PacketHeadFormat.Head(4, 1, 2, 1), 1, 2, .. PacketHeadFormat.Head(4, 2, 2, 1), 3, 4, 5];
        IFrameDecoder decoder = new MessageFraming().CreateDecoder();
        FrameAssembler assembler = new(decoder);
        ReadOnlySpan<byte> input = stream;
        Assert.Equal(AssemblerStatus.Frame, assembler.Next(ref input, ArrayPool<byte>.Shared, 1000, out _));
        assembler.Keep(input, ArrayPool<byte>.Shared);
        Assert.Equal((0, 1), (decoder.Assembled.Length, assembler.BytesHeld));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    public void The_buffer_is_never_twice_as_long_as_what_has_come_of_the_message(int payload)
    {
        IFrameDecoder decoder = new MessageFraming().CreateDecoder();
        const int packets = 150;
        for (int i = 0; i < packets; i++)
        {
            byte[] packet = [.. PacketHeadFormat.Head(packets * payload, (uint)i, payload, 1), .. new byte[payload]];
            Assert.Equal(i == packets - 1 ? DecodeStatus.FrameAssembled : DecodeStatus.Absorb, decoder.Decode(packet).Status);
            int come = PacketHead.Size + ((i + 1) * payload);
            Assert.Equal(come, decoder.Assembled.Length);
            Assert.InRange(Buffer(decoder)!.Length, come, (2 * come) - 1);
        }

        decoder.ReleaseAssembled();
        Assert.Null(Buffer(decoder));
    }

    [Fact]
    public void A_message_is_not_joined_with_the_last_one_where_nobody_released_that()
    {
        byte[] whole = [.. PacketHeadFormat.Head(1, 8, 1, 2), 9];
        byte[] stream =
        [
            .. PacketHeadFormat.Head(4, 1, 2, 1), 1, 2, .. PacketHeadFormat.Head(4, 2, 2, 1), 3, 4,
            .. PacketHeadFormat.Head(3, 5, 2, 1), 5, 6, .. PacketHeadFormat.Head(3, 6, 1, 1), 7,
            .. whole,
            .. PacketHeadFormat.Head(2, 1, 1, 1), 8, .. PacketHeadFormat.Head(2, 2, 1, 1), 9,
        ];
        string[] expected =
        [
            Describe.Frame(0, 0, [.. PacketHeadFormat.Head(4, 1, 2, 1), 1, 2, 3, 4]),
            Describe.Frame(1, 28, [.. PacketHeadFormat.Head(3, 5, 2, 1), 5, 6, 7]),
            Describe.Frame(2, 55, whole),
            Describe.Frame(3, 68, [.. PacketHeadFormat.Head(2, 1, 1, 1), 8, 9]),
            Describe.Clean,
        ];
        foreach (Cutting cutting in new[] { Cutting.Whole, Cutting.ByteByByte, new Cutting([7]) })
        {
            Assert.Equal(expected, AssemblerDriver.Run(new NeverReleasing(), stream, cutting));
        }
    }

    [Fact]
    public void A_message_that_nobody_released_gives_its_memory_back_once_when_the_next_begins()
    {
        IFrameDecoder decoder = new MessageFraming().CreateDecoder();
        decoder.Decode([.. PacketHeadFormat.Head(2, 1, 1, 1), 1]);
        decoder.Decode([.. PacketHeadFormat.Head(2, 2, 1, 1), 2]);
        int length = Buffer(decoder)!.Length;
        Assert.Equal(DecodeStatus.Frame, decoder.Decode(PacketHeadFormat.Head(0, 3, 0, 1)).Status);
        Assert.Null(Buffer(decoder));
        ((IDisposable)decoder).Dispose();
        byte[] next = ArrayPool<byte>.Shared.Rent(length);
        byte[] another = ArrayPool<byte>.Shared.Rent(length);
        Assert.NotSame(next, another);          // as they would be, had it come back twice
        ArrayPool<byte>.Shared.Return(next);
        ArrayPool<byte>.Shared.Return(another);
    }

    [Fact]
    public void A_decoder_that_throws_when_a_frame_is_released_fails_like_one_that_throws_elsewhere()
    {
        FrameAssembler assembler = new(new ThrowsOnRelease());
        ReadOnlySpan<byte> input = new byte[2];
        Assert.Equal(AssemblerStatus.Frame, assembler.Next(ref input, ArrayPool<byte>.Shared, 1000, out _));
        Assert.Equal(AssemblerStatus.Failed, assembler.Next(ref input, ArrayPool<byte>.Shared, 1000, out _));
        Assert.IsType<NotSupportedException>(assembler.Error);
    }

    [Fact]
    public void A_connection_that_ends_inside_a_message_gives_its_memory_back()
    {
        byte[] first = [.. PacketHeadFormat.Head(1_000_000, 1, 8000, 1), .. new byte[8000]];
        MessageFraming framing = new();
        long least = Allocation.Least(() =>
        {
            IFrameDecoder decoder = framing.CreateDecoder();
            decoder.Decode(first);
            ((IDisposable)decoder).Dispose();
            ((IDisposable)decoder).Dispose();
        });
        Assert.InRange(least, 1, 72);       // the decoder alone
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(4096)]
    [InlineData(37)]
    [InlineData(1)]
    public void Reassembly_allocates_nothing(int size)
    {
        ArrayBufferWriter<byte> output = new();
        PacketEncoder encoder = new(new BinaryFramingOptions { MaxPayloadLength = 100 });
        for (int length = 0; length < 2000; length += 37)
            encoder.WriteMessage(output, 1, 5, new byte[length]);
        byte[] stream = output.WrittenSpan.ToArray();
        MessageFraming framing = new(new BinaryFramingOptions { MaxPayloadLength = 100 });
        PinnedArrayPool pool = new(maxRetainedBytes: 1 << 20);
        FrameAssembler assembler = new(framing.CreateDecoder());
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int at = 0; at < stream.Length;)
            {
                ReadOnlySpan<byte> read = stream.AsSpan(at, Math.Min(size, stream.Length - at));
                at += read.Length;
                while (assembler.Next(ref read, pool, framing.MaxFrameLength, out _) == AssemblerStatus.Frame)
                {
                }
            }
        }));
        Assert.False(assembler.InsideFrame);
    }

    [Fact]
    public void Splitting_and_checking_what_is_sent_allocate_nothing()
    {
        MessageFraming framing = new();
        PacketEncoder encoder = new();
        byte[] message = new byte[50_000];
        ArrayBufferWriter<byte> output = new(initialCapacity: 100_000);
        Assert.Equal(0, Allocation.Least(() =>
        {
            output.ResetWrittenCount();
            encoder.WriteMessage(output, 1, 1, message);
            Assert.Null(framing.CheckOutgoing(output.WrittenSpan));
        }));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref byte[]? Message([UnsafeAccessorType("Framing.Binary.MessageDecoder, Framing.Binary")] object decoder);

    private static byte[]? Buffer(IFrameDecoder decoder) => Message(decoder);

    /// <summary>Messages by a decoder inside another, which does not pass on what has a default.</summary>
    private sealed class NeverReleasing : IFraming
    {
        private readonly MessageFraming _framing = new();

        public string Name => "never-releasing";

        public int MaxFrameLength => _framing.MaxFrameLength;

        public IFrameDecoder CreateDecoder() => new Decoder(_framing.CreateDecoder());

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

        private sealed class Decoder(IFrameDecoder messages) : IFrameDecoder
        {
            public ReadOnlySpan<byte> Assembled => messages.Assembled;

            public DecodeResult Decode(ReadOnlySpan<byte> unread) => messages.Decode(unread);
        }
    }

    private sealed class ThrowsOnRelease : IFrameDecoder
    {
        public DecodeResult Decode(ReadOnlySpan<byte> unread) => DecodeResult.FrameAssembled(1);

        public void ReleaseAssembled() => throw new NotSupportedException();
    }
}
