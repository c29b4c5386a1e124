namespace Framing.Integration;

/// <summary>Tests that look at the whole process (its descriptors, its threads), and so run beside no others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
