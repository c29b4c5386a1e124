using System.Buffers;
using System.Text;
using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary.Layouts;

/// <summary>Layouts of any shape, streams of any kind, every cutting: what the slow reference says is what comes.</summary>
[Properties(Arbitrary = [typeof(Traffic), typeof(LayoutTraffics)])]
public sealed class LayoutProperties
{
    [Property(MaxTest = 2000)]
    public void Any_stream_of_any_layout_gives_what_the_reference_finds_however_it_is_cut(LayoutTraffic traffic, Cutting cutting)
    {
        LayoutFraming framing = new(traffic.Layout);
        List<string> expected = LayoutReference.Run(traffic.Layout, traffic.Bytes);
        Assert.Equal(expected, AssemblerDriver.Run(framing, traffic.Bytes, cutting));
        Assert.Equal(expected, AssemblerDriver.Run(framing, traffic.Bytes, Cutting.ByteByByte));
    }

    [Property(MaxTest = 500)]
    public void Pausing_anywhere_changes_no_frame(LayoutTraffic traffic, Cutting cutting, PausePlan pauses)
        => Assert.Equal(
            LayoutReference.Run(traffic.Layout, traffic.Bytes), AssemblerDriver.Run(new LayoutFraming(traffic.Layout), traffic.Bytes, cutting, pauses: pauses));

    [Property(MaxTest = 500)]
    public void What_comes_as_frames_may_be_sent_and_nothing_else(LayoutTraffic traffic)
    {
        FrameRejection? outgoing = new LayoutFraming(traffic.Layout).CheckOutgoing(traffic.Bytes);
        Assert.Equal(traffic.Bytes.Length == 0 ? "EmptyData" : LayoutReference.Run(traffic.Layout, traffic.Bytes)[^1], Describe.Outgoing(outgoing));
    }

    [Property(MaxTest = 1000)]
    public void What_the_encoder_writes_is_a_frame_with_these_fields(LayoutTraffic traffic)
    {
        HeaderLayout layout = traffic.Layout;
        if (traffic.LegalPayload() is not { } length)
            return;

        int trailer = layout.Checksum is { Offset: null } ? 4 : 0;
        (string Name, Int128 Value)[] fields = [.. layout.Fields.Select(field => (field.Name, traffic.LegalValue(field, length + trailer)))];
        if (layout.Fields.Any(field => field.TotalLength is { } rule && rule != TotalLengthRule.Ignored && LayoutReference.Greatest(field) < length + trailer))
            return;     // no value says the truth about so long a payload

        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        ArrayBufferWriter<byte> output = new();
        int written = new LayoutEncoder(layout).Write(output, payload, fields);
        byte[] frame = output.WrittenSpan.ToArray();
        Assert.Equal((written, layout.HeaderSize + length + trailer), (frame.Length, written));
        Assert.Equal(payload, frame[layout.HeaderSize..(layout.HeaderSize + length)]);
        Assert.Equal(Describe.Clean, LayoutReference.Run(layout, frame)[^1]);
        LayoutReader reader = new(layout);
        foreach ((string name, Int128 value) in fields)
            Assert.Equal(value, reader.Read(frame, name));
    }

    [Property(MaxTest = 300)]
    public void A_layout_read_from_JSON_frames_as_the_one_in_code(LayoutTraffic traffic, Cutting cutting)
    {
        HeaderLayout read = HeaderLayout.FromJson(Encoding.UTF8.GetBytes(LayoutText.Json(traffic.Layout)));
        Assert.Equivalent(traffic.Layout, read, strict: true);
        Assert.Equal(LayoutReference.Run(traffic.Layout, traffic.Bytes), AssemblerDriver.Run(new LayoutFraming(read), traffic.Bytes, cutting));
    }

    [Fact]
    public void The_generator_reaches_every_outcome()
    {
        string[] wanted = ["frame ", "clean", "truncated", "FieldOutOfRange", "PayloadTooLong", "ChecksumMismatch", "TotalLengthNegative", "TotalLengthTooShort", "TotalLengthMismatch"];
        string all = string.Join('\n', Enumerable.Range(0, 2000).Select(seed => new LayoutTraffic(seed)).SelectMany(traffic => LayoutReference.Run(traffic.Layout, traffic.Bytes)));
        foreach (string outcome in wanted)
            Assert.True(all.Split(outcome).Length > 10, $"{outcome} came {all.Split(outcome).Length - 1} times");
    }
}
