using Iocp.Core;

namespace Framing.Xml;

/// <summary>Every <see cref="FrameRejection.Reason"/> that XML framing gives.</summary>
public static class RejectionReasons
{
    /// <summary>On send: there is nothing in the data.</summary>
    public const string EmptyData = nameof(EmptyData);
}
