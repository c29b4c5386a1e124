using System.Text;
using Framing.Binary;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary.Delimiters;

/// <summary>Each byte is looked at once, however the stream is cut; and nothing is allocated for a frame.</summary>
public sealed class DelimiterWork
{
    private const int Length = 64 * 1024;

    private static readonly DelimiterFramingOptions s_options = new()
    {
        Delimiters = ["aaaaaaaaaaaaaaab"u8.ToArray(), "\r\n"u8.ToArray(), "\n"u8.ToArray()],
        MaxPayloadLength = Length,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1460)]
    [InlineData(Length / 2)]
    public void No_byte_is_looked_at_twice_however_they_are_cut(int size)
    {
        // What was offered becomes a delimiter, which would end the frame if it were seen again.
        byte[] seen = Hostile();
        IFrameDecoder decoder = new DelimiterFraming(s_options).CreateDecoder();
        for (int have = size; have < seen.Length; have += size)
        {
            DecodeResult more = decoder.Decode(seen.AsSpan(0, have));
            Assert.Equal((DecodeStatus.NeedMore, have + 1), (more.Status, more.Length));
            seen.AsSpan(0, have).Fill((byte)'\n');
        }

        DecodeResult result = decoder.Decode(seen);
        Assert.Equal((DecodeStatus.Frame, seen.Length - 1, seen.Length), (result.Status, result.Length, result.Consumed));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1460)]
    [InlineData(37)]
    [InlineData(1)]
    public void Decoding_and_checking_allocate_nothing(int size)
    {
        byte[] stream = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 300).Select(i => new string('.', i) + (i % 2 == 0 ? "\n" : "\r\n"))));
        DelimiterFraming framing = new(s_options);
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

            Assert.Null(framing.CheckOutgoing(stream));
        }));
        Assert.False(assembler.InsideFrame);
    }

    // Delimiters begun and not ended, and long stretches of nothing; it ends with LF.
    private static byte[] Hostile()
    {
        StringBuilder text = new();
        while (text.Length < Length - 100)
            text.Append(new string('a', text.Length % 40)).Append('\r').Append(new string('.', text.Length % 50));
        return Encoding.ASCII.GetBytes(text.Append(".\n").ToString());
    }
}
