using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Generators;

/// <summary>
/// When delivery pauses: for each frame in turn, over and over, null (goes on) or the number of further reads that come before it resumes.
/// </summary>
public sealed record PausePlan(int?[] ReadsKept)
{
    public static Gen<PausePlan> Generator { get; } =
        from count in Gen.Choose(1, 5)
        from steps in Gen.ArrayOf(Gen.OneOf(Gen.Constant((int?)null), Gen.Choose(0, 4).Select(reads => (int?)reads)), count)
        select new PausePlan(steps);

    public int? After(long frame) => ReadsKept[(int)(frame % ReadsKept.Length)];

    public IEnumerable<PausePlan> Shrink()
    {
        for (int i = 0; i < ReadsKept.Length; i++)
        {
            if (ReadsKept[i] is not null)
            {
                yield return new PausePlan([.. ReadsKept[..i], null, .. ReadsKept[(i + 1)..]]);
            }
        }
    }

    public override string ToString() => $"pauses after frames: {string.Join(",", ReadsKept.Select(reads => reads?.ToString(null, null) ?? "-"))},...";
}
