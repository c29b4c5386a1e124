using System.Net;
using Framing.Binary;
using Framing.Testing;
using Iocp.Core;
using Orders;
using Xunit;

namespace Framing.Properties.Binary;

/// <summary>Headers of users: what the framing does about the ones that are careless.</summary>
public sealed class UserHeads
{
    // 1 byte of header; the payload's length is whatever the test says.
    private readonly record struct Careless(int PayloadLength) : IPacketHead<Careless>
    {
        public static int Size => 1;

        public static FrameRejection? TryRead(ReadOnlySpan<byte> bytes, out Careless head)
        {
            Assert.Equal(Size, bytes.Length);
            head = new Careless(bytes[0] switch
            {
                255 => int.MaxValue,
                254 => int.MinValue,
                253 => -1,
                252 => checked((int)(bytes[0] * 10_000_000_000L)),
                byte length => length,
            });
            return null;
        }
    }

    // 8 bytes: a length that is not read into an int before it is asked for.
    private readonly record struct Wide(long Length) : IPacketHead<Wide>
    {
        public static int Size => sizeof(long);

        public int PayloadLength => checked((int)Length);

        public static FrameRejection? TryRead(ReadOnlySpan<byte> bytes, out Wide head)
        {
            head = new Wide(BitConverter.ToInt64(bytes));
            return null;
        }
    }

    private readonly record struct Empty : IPacketHead<Empty>
    {
        public static int Size => 0;

        public int PayloadLength => 0;

        public static FrameRejection? TryRead(ReadOnlySpan<byte> bytes, out Empty head)
        {
            head = default;
            return null;
        }
    }

    [Theory]
    [InlineData(255, RejectionReasons.PayloadTooLong, int.MaxValue, 8192)]
    [InlineData(254, RejectionReasons.FieldOutOfRange, int.MinValue, 0)]
    [InlineData(253, RejectionReasons.FieldOutOfRange, -1, 0)]
    public void A_payload_length_that_cannot_be_is_a_rejection(byte head, string reason, int value, int limit)
        => Assert.Equal(
            new FrameRejection(reason, "PayloadLength", value, limit),
            new PacketFraming<Careless>().CreateDecoder().Decode([head, 1, 2, 3]).Rejection);

    [Fact]
    public void A_length_whose_computation_overflows_is_a_rejection_and_no_crash()
    {
        FrameRejection expected = new(RejectionReasons.FieldOutOfRange, "PayloadLength");
        Assert.Equal(expected, new PacketFraming<Careless>().CreateDecoder().Decode([252]).Rejection);
        Assert.Equal(expected, new PacketFraming<Wide>().CreateDecoder().Decode(BitConverter.GetBytes(long.MaxValue)).Rejection);
    }

    [Fact]
    public void A_length_whose_computation_overflows_is_not_sent_either()
        => Assert.Equal(new FrameRejection(RejectionReasons.FieldOutOfRange, "PayloadLength"), new PacketFraming<Careless>().CheckOutgoing([252]));

    [Fact]
    public void A_rule_that_overflows_is_the_rules_failure_and_not_a_length()
    {
        PacketFraming<OrderHead> framing = new(new PacketFramingOptions<OrderHead> { Check = (in head) => checked((byte)(head.Kind * 100)) == 0 ? null : null });
        byte[] frame = [0x4F, 0x48, 0, 9, 0, 0, 0, 8];
        Assert.Throws<OverflowException>(() => framing.CreateDecoder().Decode(frame));
        Assert.Throws<OverflowException>(() => framing.CheckOutgoing(frame));
    }

    [Fact]
    public void The_longest_frame_of_all_does_not_overflow()
    {
        PacketFraming<Careless> framing = new(new PacketFramingOptions<Careless> { MaxPayloadLength = Array.MaxLength - 1 });
        Assert.Equal(Array.MaxLength, framing.MaxFrameLength);
        Assert.Equal(RejectionReasons.PayloadTooLong, framing.CreateDecoder().Decode([255]).Rejection!.Reason);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PacketFraming<Careless>(new PacketFramingOptions<Careless> { MaxPayloadLength = Array.MaxLength }));
    }

    [Fact]
    public void A_header_of_no_bytes_is_refused_at_construction()
        => Assert.Contains("Empty.Size is 0", Assert.Throws<InvalidOperationException>(() => new PacketFraming<Empty>()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_framing_is_called_after_its_header_unless_it_is_given_a_name()
    {
        Assert.Equal("binary", new PacketFraming<PacketHead>().Name);
        Assert.Equal("OrderHead", new PacketFraming<OrderHead>().Name);
    }

    [Fact]
    public void A_check_of_ones_own_is_asked_for_every_header()
    {
        PacketFraming<OrderHead> framing = new(new PacketFramingOptions<OrderHead>
        {
            Name = "orders",
            Check = (in head) => head.Kind <= 9 ? null : new FrameRejection(RejectionReasons.FieldOutOfRange, nameof(head.Kind), head.Kind, 9),
        });
        Assert.Equal("orders", framing.Name);
        Assert.Null(framing.CheckOutgoing([0x4F, 0x48, 0, 9, 0, 0, 0, 8]));
        Assert.Equal(new FrameRejection("FieldOutOfRange", "Kind", 10, 9), framing.CheckOutgoing([0x4F, 0x48, 0, 10, 0, 0, 0, 8]));
    }

    [Fact]
    public async Task An_order_is_answered_with_a_frame_of_the_handlers_own_writing()
    {
        await using InMemoryServer server = await InMemoryServer.StartAsync(new FrameServerOptions
        {
            Listeners =
            {
                new ListenerOptions
                {
                    EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
                    Framing = new PacketFraming<OrderHead>(new PacketFramingOptions<OrderHead> { MaxPayloadLength = 4096, Name = "orders" }),
                },
            },
            Handler = new OrderHandler(),
        });
        InMemoryPeer peer = await server.ConnectAsync();
        await peer.SendAsync((byte[])[0x4F, 0x48, 0, 7, 0, 0, 0, 10, 1, 2], 3);
        Assert.Equal([0x4F, 0x48, 0, 8, 0, 0, 0, 10, 1, 2], await peer.ReceiveAsync(10));
    }

    [Fact]
    public void The_page_in_docs_shows_the_samples_that_are_tested_here()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Framing.sln")))
        {
            root = root.Parent;
        }

        Assert.NotNull(root);
        string page = File.ReadAllText(Path.Combine(root.FullName, "docs", "your-own-header.md"));
        string[] blocks = [.. page.Split("```csharp\n").Skip(1).Select(block => block.Split("```", 2)[0])];
        Assert.Equal([Sample("OrderHead.cs"), Sample("OrderHandler.cs")], blocks.Where(block => block.Contains("namespace Orders;", StringComparison.Ordinal)));
        Assert.InRange(Sample("OrderHead.cs").Split('\n').Length - 1, 1, 29);

        string Sample(string file) => File.ReadAllText(Path.Combine(root.FullName, "tests", "Properties", "Binary", file));
    }
}
