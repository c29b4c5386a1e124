using System.Buffers.Binary;
using Framing.Binary;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using Xunit;

namespace Framing.Properties.Differential;

/// <summary>What the comparison has found, one test each.</summary>
public sealed class FoundMismatches
{
    /// <summary>A length so great that adding the adjustment wraps around is no payload's length: nothing may be compared with it.</summary>
    [Theory]
    [InlineData(TotalLengthRule.EqualsCurrent, 3L)]
    [InlineData(TotalLengthRule.AtLeastCurrent, 0L)]
    public void A_length_that_wraps_around_is_too_long_whatever_the_total_says(TotalLengthRule rule, long total)
    {
        HeaderLayout layout = new()
        {
            HeaderSize = 16,
            Length = new LengthField { Offset = 0, Width = 8, Adjustment = 3 },
            Fields = [new HeaderField { Name = "Total", Offset = 8, Width = 8, IsSigned = true, TotalLength = rule }],
        };
        byte[] header = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(header, ulong.MaxValue);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), total);
        List<string> lines = AssemblerDriver.Run(new LayoutFraming(layout), header, Cutting.Whole);
        Assert.Equal(LayoutReference.Run(layout, header), lines);
        Assert.Contains("PayloadTooLong", Assert.Single(lines), StringComparison.Ordinal);
    }
}
