using Framing.Testing;
using Samples;

namespace Framing.Integration;

/// <summary>The example of docs/testing-your-decoder.md: the page shows these files, and what it says comes of them comes.</summary>
public sealed class TestingPageTests
{
    private const string Page = "testing-your-decoder.md";

    [Theory]
    [InlineData("CommandDecoder.cs")]
    [InlineData("CommandProof.cs")]
    [InlineData("CommandProperties.cs")]
    [InlineData("CommandHandlerTests.cs")]
    public void The_page_shows_the_sample_that_is_tested_here(string file) => DocumentationPage.Shows(Page, file);

    [Fact]
    public void The_planted_bug_is_caught_and_the_page_shows_how()
    {
        DecoderProofException failure = Assert.Throws<DecoderProofException>(() => CommandProof.Run(new CommandFraming(lookBack: 0)));
        Assert.Equal(DecoderRule.SameForEveryCutting, failure.Rule);
        Assert.Contains($"```text\n{failure.Message.ReplaceLineEndings("\n")}\n```", DocumentationPage.Read(Page), StringComparison.Ordinal);
    }

    [Fact]
    public void Repaired_it_passes() => CommandProof.Run(new CommandFraming(lookBack: 1));
}
