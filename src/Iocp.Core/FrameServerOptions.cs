namespace Iocp.Core;

/// <summary>Everything that is chosen when a <see cref="FrameServer"/> starts; copied and validated by its constructor.</summary>
public sealed class FrameServerOptions : FrameHostOptions
{
    private IList<ListenerOptions> _listeners = [];

    /// <summary>Where to listen; at least one.</summary>
    public IList<ListenerOptions> Listeners => _listeners;

    internal FrameServerOptions Copy()
    {
        var copy = (FrameServerOptions)CopyBase();
        copy._listeners = [.. _listeners];
        return copy;
    }
}
