namespace Iocp.Core;

/// <summary>Everything that is chosen when a <see cref="FrameServer"/> starts; copied and validated by its constructor.</summary>
public sealed class FrameServerOptions : FrameHostOptions
{
    private IList<ListenerOptions> _listeners = [];

    /// <summary>Where to listen; at least one.</summary>
    public IList<ListenerOptions> Listeners => _listeners;

    /// <summary>
    /// Accepts kept outstanding on each listener by engines that post them one by one: 1 to 200, default 50 (both figures are the article's).
    /// </summary>
    public int AcceptsOutstanding { get; set; } = 50;

    internal FrameServerOptions Copy()
    {
        var copy = (FrameServerOptions)CopyBase();
        copy._listeners = [.. _listeners];
        return copy;
    }
}
