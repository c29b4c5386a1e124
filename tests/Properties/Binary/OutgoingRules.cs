using Framing.Binary;
using Framing.Properties.Generators;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary;

/// <summary>docs/framing.md, packets: a raw send must be one or more whole legal frames.</summary>
public sealed class OutgoingRules
{
    private static readonly byte[] s_frame = [.. PacketHeadFormat.Head(3, 1, 3, 1), 1, 2, 3];

    [Fact]
    public void Whole_legal_frames_may_be_sent()
    {
        Assert.Null(Check(s_frame));
        Assert.Null(Check([.. s_frame, .. s_frame, .. PacketHeadFormat.Head(0, 0, 0, 0)]));
    }

    [Fact]
    public void Empty_data_is_refused() => Assert.Equal(new FrameRejection("EmptyData"), Check([]));

    [Fact]
    public void A_partial_frame_at_the_end_is_refused_with_its_place()
    {
        Assert.Equal(new FrameRejection("TruncatedFrame", null, 14, 15), Check(s_frame[..14]));
        Assert.Equal(new FrameRejection("TruncatedFrame", null, 11, 12) { StreamOffset = 15, FrameIndex = 1 }, Check([.. s_frame, .. s_frame[..11]]));
    }

    [Fact]
    public void An_illegal_header_is_refused_with_its_place()
        => Assert.Equal(
            new FrameRejection("TotalLengthNegative", "TotalLength", -1, 0) { StreamOffset = 30, FrameIndex = 2 },
            Check([.. s_frame, .. s_frame, .. PacketHeadFormat.Head(-1, 0, 0, 0)]));

    [Fact]
    public void The_longest_payload_may_be_sent_and_one_byte_more_may_not_though_it_is_all_there()
    {
        Assert.Null(Check([.. PacketHeadFormat.Head(8192, 0, 8192, 0), .. new byte[8192]]));
        Assert.Equal(new FrameRejection("PayloadTooLong", "CurrentLength", 8193, 8192), Check([.. PacketHeadFormat.Head(8193, 0, 8193, 0), .. new byte[8193]]));
    }

    private static FrameRejection? Check(byte[] data) => BinaryFraming.Create().CheckOutgoing(data);
}
