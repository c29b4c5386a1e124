namespace Framing.Integration;

/// <summary>Tests that load the whole machine, or measure the whole process (its descriptors, threads, allocations): one after the other, beside no other test.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
