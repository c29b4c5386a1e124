namespace Framing.Integration;

/// <summary>
/// Tests that load the whole machine, or that measure the whole process: one after the other, when no other test of this assembly runs.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
#pragma warning disable CA1711 // The suffix is what xunit calls it.
public sealed class AloneCollection
#pragma warning restore CA1711
{
    public const string Name = "Alone";
}
