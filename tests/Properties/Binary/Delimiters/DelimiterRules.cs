using System.Text;
using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Binary.Delimiters;

/// <summary>Delimiter framing, rule by rule, with the values on both sides of each limit.</summary>
public sealed class DelimiterRules
{
    [Fact]
    public void By_default_frames_are_lines_without_their_ends()
        => Expect(new DelimiterFramingOptions(), "one\r\ntwo\nth\rree\r\n\r\n", (0, "one"), (5, "two"), (9, "th\rree"), (17, ""));

    [Fact]
    public void KeepDelimiter_delivers_the_delimiter_that_ended_the_frame()
        => Expect(new DelimiterFramingOptions { KeepDelimiter = true }, "one\r\ntwo\n\n", (0, "one\r\n"), (5, "two\n"), (9, "\n"));

    [Fact]
    public void SkipEmpty_drops_a_delimiter_that_follows_another()
        => Expect(new DelimiterFramingOptions { SkipEmpty = true }, "\n\none\r\n\r\n\ntwo\n\n", (2, "one"), (10, "two"));

    [Fact]
    public void A_frame_ends_where_the_first_delimiter_is_whole_and_the_longest_that_ends_there_is_taken()
    {
        Expect(Of("ab", "cab", "x"), "1cab2ab3x", (0, "1"), (4, "2"), (7, "3"));
        Expect(Of("bcd", "ab"), "abcd--bcd", (0, ""), (2, "cd--"));     // AB is whole before BCD is, so BCD is not seen
    }

    [Fact]
    public void A_delimiter_that_is_begun_in_vain_begins_again_inside_itself()
        => Expect(Of("aab"), "aaab" + "aab" + "aaaaab", (0, "a"), (4, ""), (7, "aaa"));

    [Fact]
    public void No_frame_waits_for_what_is_behind_its_delimiter()
    {
        DecodeResult result = new DelimiterFraming(Of("\n", "\r\n")).CreateDecoder().Decode("a\n"u8);
        Assert.Equal((DecodeStatus.Frame, 1, 2), (result.Status, result.Length, result.Consumed));
    }

    [Fact]
    public void MaxPayloadLength_bounds_what_is_before_the_delimiter()
    {
        DelimiterFramingOptions options = new() { MaxPayloadLength = 3 };
        Expect(options, "abc\r\nabc\n", (0, "abc"), (5, "abc"));
        FrameRejection refused = new("PayloadTooLong", Limit: 3) { StreamOffset = 2, FrameIndex = 1 };
        foreach (string stream in new[] { "a\nabcd\n", "a\nabcd", "a\nabc\rd", "a\nabc\r\r" })
            ExpectLines(options, stream, Describe.Frame(0, 0, "a"u8), Describe.Rejected(refused));
        ExpectLines(options, "abc\r", Describe.Truncated(0, 4));        // may still be CR LF
        Assert.Equal(5, new DelimiterFraming(options).MaxFrameLength);
    }

    [Fact]
    public void The_defaults_are_lines_of_8192()
    {
        DelimiterFraming framing = new();
        Assert.Equal(("delimiter", 8192, 8194), (framing.Name, framing.MaxPayloadLength, framing.MaxFrameLength));
    }

    [Theory]
    [InlineData("\r\n", 2147483589)]
    [InlineData("\n", 2147483590)]
    public void The_longest_payload_and_the_longest_delimiter_are_together_as_long_as_an_array_can_be(string delimiter, int max)
    {
        DelimiterFramingOptions options = new() { Delimiters = Of(delimiter).Delimiters, MaxPayloadLength = max };
        Assert.Equal((max, Array.MaxLength), (new DelimiterFraming(options).MaxPayloadLength, new DelimiterFraming(options).MaxFrameLength));
        Expect(options, $"abc{delimiter}", (0, "abc"));
    }

    public static TheoryData<string> Illegal => new()
    {
        { "Delimiters has 0 delimiters; it must have 1 to 8" },
        { "Delimiters has 9 delimiters; it must have 1 to 8" },
        { "Delimiters[1] has 0 bytes; it must have 1 to 255" },
        { "Delimiters[0] has 256 bytes; it must have 1 to 255" },
        { "Delimiters[0] (0D0A) can never end a frame: Delimiters[1] (0D) ends it first" },
        { "Delimiters[0] (61) can never end a frame: Delimiters[1] (61) ends it first" },
        { "Delimiters[1] (616263) can never end a frame: Delimiters[0] (62) ends it first" },
        { "MaxPayloadLength is 0; it must be 1 to" },
        { "MaxPayloadLength is 2147483590; it must be 1 to 2147483589" },
        { "Name is empty" },
    };

    [Theory]
    [MemberData(nameof(Illegal))]
    public void Illegal_options_are_refused_with_option_value_and_range(string message)
    {
        DelimiterFramingOptions options = message.Split(' ')[..3] switch
        {
            [_, "has", "0"] when message.Contains("delimiters", StringComparison.Ordinal) => Of(),
            [_, "has", "9"] => Of("a", "b", "c", "d", "e", "f", "g", "h", "i"),
            [_, "has", "0"] => Of("a", ""),
            [_, "has", "256"] => Of(new string('a', 256)),
            [_, "(0D0A)", _] => Of("\r\n", "\r"),
            [_, "(61)", _] => Of("a", "a"),
            [_, "(616263)", _] => Of("b", "abc"),
            [_, "is", "0;"] => new DelimiterFramingOptions { MaxPayloadLength = 0 },
            [_, "is", "2147483590;"] => new DelimiterFramingOptions { MaxPayloadLength = 2147483590 },
            _ => new DelimiterFramingOptions { Name = " " },
        };
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => new DelimiterFraming(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_256_bytes_and_the_longest_delimiters_are_told_apart()
    {
        byte[] longest = [.. Enumerable.Range(0, 255).Select(i => (byte)i)];
        DelimiterFramingOptions options = new() { Delimiters = [longest, new byte[] { 255 }], MaxPayloadLength = 300 };
        byte[] stream = [.. longest[..254], 7, .. longest, 1, 255];
        List<string> expected = [Describe.Frame(0, 0, [.. longest[..254], 7]), Describe.Frame(1, 510, [1]), Describe.Clean];
        Assert.Equal(expected, AssemblerDriver.Run(new DelimiterFraming(options), stream, Cutting.Whole));
        Assert.Equal(expected, AssemblerDriver.Run(new DelimiterFraming(options), stream, Cutting.ByteByByte));
    }

    private static DelimiterFramingOptions Of(params string[] delimiters)
        => new() { Delimiters = [.. delimiters.Select(each => new ReadOnlyMemory<byte>(Encoding.Latin1.GetBytes(each)))] };

    private static void Expect(DelimiterFramingOptions options, string stream, params (long Offset, string Frame)[] frames)
        => ExpectLines(options, stream, [.. frames.Select((frame, i) => Describe.Frame(i, frame.Offset, Encoding.Latin1.GetBytes(frame.Frame))), Describe.Clean]);

    private static void ExpectLines(DelimiterFramingOptions options, string stream, params string[] lines)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(stream);
        Assert.Equal(lines, AssemblerDriver.Run(new DelimiterFraming(options), bytes, Cutting.Whole));
        Assert.Equal(lines, AssemblerDriver.Run(new DelimiterFraming(options), bytes, Cutting.ByteByByte));
    }
}
