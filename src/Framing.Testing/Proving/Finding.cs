namespace Framing.Testing.Proving;

/// <summary>A rule that was broken, and how.</summary>
internal sealed record Finding(DecoderRule Rule, string Expected, string Actual);
