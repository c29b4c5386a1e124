using Framing.Properties.Generators;
using Framing.Testing;
using Iocp.Core;

namespace Framing.Properties.Differential;

/// <summary>A framing that is compared with its reference.</summary>
/// <param name="Name">Names the test.</param>
/// <param name="Share">How many of a hundred streams, about, are this framing's.</param>
/// <param name="Next">Makes the framing under options that chance picks.</param>
internal sealed record Subject(string Name, int Share, Func<Random, Variant> Next)
{
    public override string ToString() => Name;
}

/// <summary>One framing under some options, and what judges it.</summary>
/// <param name="Name">Says which options.</param>
/// <param name="Framing">The real one.</param>
/// <param name="Reference">What must come of a stream, in the words of <see cref="Decoding.Describe"/>; the cutting matters to no framing but raw chunk.</param>
/// <param name="Stream">Makes a stream: short, and nasty by construction.</param>
internal sealed record Variant(string Name, IFraming Framing, Func<byte[], Cutting, List<string>> Reference, Func<Random, byte[]> Stream);
