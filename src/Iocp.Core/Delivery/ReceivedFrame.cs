namespace Iocp.Core;

/// <summary>A received frame, leased from a bounded pool: dispose it when done. A second dispose does nothing; forgetting it costs only the pool.</summary>
public readonly record struct ReceivedFrame : IDisposable
{
    private readonly object? _lease;
    private readonly int _version;

    internal ReceivedFrame(object lease, int version) => (_lease, _version) = (lease, version);

    /// <summary>Where the frame came from.</summary>
    public Connection Connection => throw new NotImplementedException();

    /// <summary>The frame, header included; valid until dispose.</summary>
    public ReadOnlyMemory<byte> Bytes => throw new NotImplementedException();

    /// <summary>Frames of this connection before this one.</summary>
    public long Index => 0;

    /// <summary>Where the frame begins in the connection's stream, in bytes.</summary>
    public long StreamOffset => 0;

    /// <summary>Gives the memory back.</summary>
    public void Dispose() { }
}
