using Xunit;
using Xunit.Abstractions;

namespace Framing.Properties.Differential;

/// <summary>
/// Every framing agrees with a slow, obvious reference on a million streams a run: frames (offset, length, bytes), rejection (reason, field,
/// value, limit, offset, index) and truncation, each stream cut by chance. Each run has a seed of its own.
/// </summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int StreamsOfARun = 1_000_000;

    /// <summary>One line is one framing.</summary>
    private static readonly Subject[] s_subjects =
    [
        new("binary", 15, BinarySubjects.PacketHead),
        new("user's header", 8, BinarySubjects.OrderHead),
        new("declared header", 20, BinarySubjects.Layout),
        new("messages", 10, BinarySubjects.Message),
        new("delimiter", 10, DelimiterSubjects.Delimiter),
        new("fixed-size", 2, DelimiterSubjects.FixedSize),
        new("xml-document", 30, XmlSubjects.Document),
        new("xml-raw", 5, XmlSubjects.RawChunk),
    ];

    public static TheoryData<string> Names => [.. s_subjects.Select(subject => subject.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_decoder_agrees_with_its_reference(string name)
    {
        Subject subject = s_subjects.Single(subject => subject.Name == name);
        int streams = (int)Math.Ceiling(StreamsOfARun * (double)subject.Share / s_subjects.Sum(subject => subject.Share));
        output.WriteLine($"{streams} streams, {Comparison.SeedVariable}={Comparison.Seed}");
        string? mismatch = Comparison.FirstMismatch(subject.Next, Comparison.Seed, streams);
        Assert.True(mismatch is null, mismatch);
    }

    /// <summary>Streams that never come near a rule would agree for nothing.</summary>
    [Theory]
    [InlineData("binary", "frame 3 ", "clean", "truncated", "PayloadTooLong", "TotalLengthNegative", "TotalLengthTooShort", "TotalLengthMismatch", "TypeNotAllowed")]
    [InlineData("user's header", "frame 3 ", "clean", "truncated", "PayloadTooLong", "FieldOutOfRange, Magic", "FieldOutOfRange, PayloadLength")]
    [InlineData("declared header", "frame 3 ", "clean", "truncated", "PayloadTooLong", "FieldOutOfRange", "ChecksumMismatch", "TotalLengthNegative", "TotalLengthTooShort", "TotalLengthMismatch")]
    [InlineData("messages", "frame 2 ", "clean", "truncated", "PayloadTooLong", "MessageTooLong", "TypeNotAllowed", "SerialOutOfOrder", "TotalLengthChanged", "TypeChanged", "EmptyPacket", "MessageOverrun", "TotalLengthTooShort")]
    [InlineData("delimiter", "frame 3 ", "clean", "truncated", "PayloadTooLong", "frame 0 at 3:")]
    [InlineData("fixed-size", "frame 3 ", "clean", "truncated")]
    [InlineData("xml-document", "frame 2 ", "clean", "truncated", "EncodingNotSupported, byte order mark", "EncodingNotSupported, XML declaration", "EncodingNotSupported, text", "DoctypeNotAllowed",
        "ContentBeforeRoot, prolog", "ContentBeforeRoot, CDATA", "UnmatchedEndTag", "DocumentTooLong", "TooDeep", "MalformedMarkup, tag", "MalformedMarkup, start tag", "MalformedMarkup, end tag",
        "MalformedMarkup, attribute value", "MalformedMarkup, comment", "MalformedMarkup, declaration", "MalformedMarkup, processing instruction", "MalformedMarkup, XML declaration")]
    [InlineData("xml-raw", "frame 9 ", "clean")]
    public void The_generator_reaches_every_outcome(string name, params string[] outcomes)
    {
        Dictionary<string, int> counts = Comparison.Count(s_subjects.Single(subject => subject.Name == name).Next, 1, 20_000, outcomes);       // the same each run: chance may not fail it
        output.WriteLine(string.Join(", ", counts));
        Assert.All(counts, count => Assert.True(count.Value > 5, $"{count.Key} came {count.Value} times"));
    }
}
