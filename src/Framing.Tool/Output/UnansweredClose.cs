using Iocp.Core;

namespace Framing.Tool.Output;

/// <summary>What to say of a peer that closed before it answered anything: why, only its own log can tell.</summary>
internal static class UnansweredClose
{
    public static string Describe(CloseReason reason) => $"{reason}; the other side may have refused it, for its framing or its limits";
}
