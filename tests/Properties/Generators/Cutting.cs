using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Generators;

/// <summary>How the network cuts a stream into reads: these sizes in turn, over and over, so it fits a stream of any length.</summary>
public sealed record Cutting(int[] Sizes)
{
    public static Cutting Whole { get; } = new([int.MaxValue]);

    public static Cutting ByteByByte { get; } = new([1]);

    public static Gen<Cutting> Generator { get; } = Gen.Frequency(
        (2, Gen.Constant(Whole)),
        (2, Gen.Constant(ByteByByte)),
        (4, Sizes1(Gen.Choose(1, 16))),         // inside headers
        (4, Sizes1(Gen.Choose(1, 200))),        // several small frames a read, cut anywhere
        (2, Sizes1(Gen.OneOf(Gen.Choose(1, 3), Gen.Choose(1000, 9000)))));

    public IEnumerable<Range> Of(int length)
    {
        for (int start = 0, i = 0; start < length; i++)
        {
            int end = start + Math.Min(Sizes[i % Sizes.Length], length - start);
            yield return start..end;
            start = end;
        }
    }

    public IEnumerable<Cutting> Shrink()
    {
        if (Sizes is [int.MaxValue])
        {
            yield break;
        }

        yield return Whole;
        for (int i = 0; i < Sizes.Length && Sizes.Length > 1; i++)
        {
            yield return new Cutting([.. Sizes[..i], .. Sizes[(i + 1)..]]);
        }

        for (int i = 0; i < Sizes.Length; i++)
        {
            if (Sizes[i] > 1)
            {
                yield return new Cutting([.. Sizes[..i], Sizes[i] / 2, .. Sizes[(i + 1)..]]);
            }
        }
    }

    public override string ToString() => Sizes switch
    {
        [int.MaxValue] => "all at once",
        [1] => "byte by byte",
        _ => $"reads of {string.Join(",", Sizes)},...",
    };

    private static Gen<Cutting> Sizes1(Gen<int> size)
        => Gen.Choose(1, 6).SelectMany(count => Gen.ArrayOf(size, count)).Select(sizes => new Cutting(sizes));
}
