using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Generators;

/// <summary>
/// When reading pauses, over and over: after each frame in turn, and before each read in turn, which may be in the middle of a frame that the decoder has
/// looked at. Null: it goes on; otherwise the number of further reads that come before it resumes.
/// </summary>
public sealed record PausePlan(int?[] AfterFrames, int?[] BeforeReads)
{
    public static Gen<PausePlan> Generator { get; } =
        from afterFrames in Steps
        from beforeReads in Steps
        select new PausePlan(afterFrames, beforeReads);

    private static Gen<int?[]> Steps =>
        from count in Gen.Choose(1, 5)
        from steps in Gen.ArrayOf(Gen.OneOf(Gen.Constant((int?)null), Gen.Choose(0, 4).Select(reads => (int?)reads)), count)
        select steps;

    public int? After(long frame) => AfterFrames[(int)(frame % AfterFrames.Length)];

    public int? Before(int read) => BeforeReads[read % BeforeReads.Length];

    public IEnumerable<PausePlan> Shrink()
        => Fewer(AfterFrames).Select(steps => this with { AfterFrames = steps }).Concat(Fewer(BeforeReads).Select(steps => this with { BeforeReads = steps }));

    public override string ToString() => $"pauses after frames: {Text(AfterFrames)}, before reads: {Text(BeforeReads)}";

    private static IEnumerable<int?[]> Fewer(int?[] steps)
        => Enumerable.Range(0, steps.Length).Where(i => steps[i] is not null).Select(i => (int?[])[.. steps[..i], null, .. steps[(i + 1)..]]);

    private static string Text(int?[] steps) => $"{string.Join(",", steps.Select(reads => reads?.ToString(null, null) ?? "-"))},...";
}
