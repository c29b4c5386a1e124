namespace Iocp.Core;

/// <summary>What the connections of one listener, or of one client, have in common.</summary>
internal sealed class ConnectionOrigin(FrameHost host, IFraming framing, ListenerOptions? listener, object? state = null)
{
    public FrameHost Host { get; } = host;

    public IFraming Framing { get; } = framing;

    public int MaxFrameLength { get; } = framing.MaxFrameLength;

    public ListenerOptions? Listener { get; } = listener;

    /// <summary>What <see cref="Connection.State"/> is at first.</summary>
    public object? State { get; set; } = state;
}
