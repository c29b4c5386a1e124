using System.Buffers;
using System.Text;
using Framing.Binary;
using Framing.Properties.Generators;
using Framing.Xml;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Decoding;

/// <summary>Since when a frame has been in progress: from its first byte, less the time in which nothing was read.</summary>
public sealed class FrameTimeProperties
{
    private static readonly byte[] s_frame = [.. PacketHeadFormat.Head(8, 1, 8, 1), 1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    public void More_bytes_of_a_frame_change_nothing_and_the_next_frame_begins_anew()
    {
        FrameAssembler assembler = new(BinaryFraming.Create().CreateDecoder());
        Assert.Null(assembler.InProgressSince);
        for (int i = 0; i < 19; i++)
        {
            Read(ref assembler, s_frame.AsSpan(i, 1), now: 100 + i);
            Assert.Equal(100, assembler.InProgressSince);
        }

        Read(ref assembler, s_frame.AsSpan(19), now: 200);
        Assert.Null(assembler.InProgressSince);
        Read(ref assembler, [.. s_frame, .. s_frame[..3]], now: 300);
        Assert.Equal(300, assembler.InProgressSince);
        Read(ref assembler, [.. s_frame[3..], .. s_frame[..3]], now: 400);
        Assert.Equal(400, assembler.InProgressSince);
    }

    [Fact]
    public void The_time_in_which_nothing_is_read_does_not_count()
    {
        FrameAssembler assembler = new(BinaryFraming.Create().CreateDecoder());
        Read(ref assembler, s_frame.AsSpan(0, 5), now: 100);
        assembler.PauseTiming(150);
        Assert.Null(assembler.InProgressSince);
        assembler.ResumeTiming(1150);
        Assert.Equal(1100, assembler.InProgressSince);
        assembler.ResumeTiming(5000);         // was not stopped
        Assert.Equal(1100, assembler.InProgressSince);
        Read(ref assembler, s_frame.AsSpan(5, 5), now: 1200);
        Assert.Equal(1100, assembler.InProgressSince);
    }

    [Fact]
    public void A_message_is_in_progress_from_its_first_packet_to_its_last_between_packets_too()
    {
        MessageFraming framing = new();
        FrameAssembler assembler = new(framing.CreateDecoder());
        Read(ref assembler, [.. PacketHeadFormat.Head(3, 1, 1, 1), 1], now: 10);
        Read(ref assembler, [.. PacketHeadFormat.Head(3, 2, 1, 1), 2], now: 20);
        Assert.Equal(10, assembler.InProgressSince);
        Read(ref assembler, [.. PacketHeadFormat.Head(3, 3, 1, 1), 3], now: 30);
        Assert.Null(assembler.InProgressSince);
    }

    [Theory]
    [InlineData("\r", "\n")]
    [InlineData("\r", "\nab")]
    public void Bytes_that_turn_out_to_be_no_frame_are_timed_no_longer(string first, string second)
    {
        DelimiterFraming framing = new(new DelimiterFramingOptions { SkipEmpty = true });
        FrameAssembler assembler = new(framing.CreateDecoder());
        Read(ref assembler, Encoding.ASCII.GetBytes(first), now: 10);
        Assert.Equal(10, assembler.InProgressSince);
        Read(ref assembler, Encoding.ASCII.GetBytes(second), now: 500);
        Assert.Equal(second.Length > 1 ? 500 : null, assembler.InProgressSince);
    }

    [Fact]
    public void A_byte_order_mark_that_a_read_cut_is_no_frame_in_progress()
    {
        FrameAssembler assembler = new(XmlFraming.Document().CreateDecoder());
        Read(ref assembler, [0xEF], now: 10);
        Read(ref assembler, [0xBB, 0xBF], now: 500);
        Assert.Null(assembler.InProgressSince);
        Read(ref assembler, "<a"u8, now: 900);
        Assert.Equal(900, assembler.InProgressSince);
    }

    [Fact]
    public void Bytes_skipped_inside_a_frame_that_is_absorbed_do_not_begin_its_time_anew()
    {
        FrameAssembler assembler = new(new ScriptedDecoder(unread => unread[0] == 'a' ? DecodeResult.Absorb(1) : DecodeResult.Skip(1)));
        Read(ref assembler, "a"u8, now: 10);
        Read(ref assembler, "-"u8, now: 500);
        Assert.Equal(10, assembler.InProgressSince);
        Read(ref assembler, "a-"u8, now: 900);
        Assert.Equal(10, assembler.InProgressSince);
    }

    private static void Read(ref FrameAssembler assembler, ReadOnlySpan<byte> read, long now)
    {
        while (assembler.Next(ref read, ArrayPool<byte>.Shared, 1000, out _) == AssemblerStatus.Frame)
        {
        }

        if (assembler.IsUntimed)
        {
            assembler.BeginTiming(now);
        }

    }
}
